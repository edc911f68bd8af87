import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'

// Only the language that is read is fetched; a test holds both catalogues to the same keys.
const catalogues = { en: () => import('./en.json'), fr: () => import('./fr.json') }

export async function speak(language: string): Promise<void> {
  const spoken = language === 'fr' ? 'fr' : 'en'
  document.documentElement.lang = spoken
  const words = (await catalogues[spoken]()).default
  await i18next.use(initReactI18next).init({
    lng: spoken,
    resources: { [spoken]: { translation: words } },
    interpolation: { escapeValue: false },
  })
}
