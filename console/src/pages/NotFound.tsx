import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { Empty, Page } from '../components/bits'

export function NotFound() {
  const { t } = useTranslation()
  return (
    <Page title={t('notFound.title')}>
      <Empty title={t('notFound.text')}>
        <Link to="/" className="text-lamp hover:underline">
          {t('case.back')}
        </Link>
      </Empty>
    </Page>
  )
}
