// Light or dark: the system's choice until the reader makes their own.
const KEY = 'vigie.theme'

export function applyTheme(): void {
  const chosen = localStorage.getItem(KEY)
  const dark = chosen ? chosen === 'dark' : window.matchMedia('(prefers-color-scheme: dark)').matches
  document.documentElement.dataset.theme = dark ? 'dark' : 'light'
}

export function toggleTheme(): void {
  const dark = document.documentElement.dataset.theme === 'dark'
  localStorage.setItem(KEY, dark ? 'light' : 'dark')
  applyTheme()
}
