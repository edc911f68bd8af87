// Starts the console: who is reading, in which language, then the pages.
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { Tooltip } from 'radix-ui'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Problem, session } from './api/client'
import { speak } from './i18n'
import { router } from './router'
import './styles.css'
import { applyTheme } from './theme'

const client = new QueryClient({
  defaultOptions: { queries: { staleTime: 2_000, retry: (count, error) => !(error instanceof Problem) && count < 3 } },
})

applyTheme()
const reader = await session()
await speak(reader.language)
client.setQueryData(['session'], reader)
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <Tooltip.Provider delayDuration={200}>
        <RouterProvider router={router} />
      </Tooltip.Provider>
    </QueryClientProvider>
  </StrictMode>,
)
