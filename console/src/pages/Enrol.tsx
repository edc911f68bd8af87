import { useTranslation } from 'react-i18next'
import { Enrol as Form } from '../components/Enrol'
import { Page, Panel } from '../components/bits'

export function Enrol() {
  const { t } = useTranslation()
  return (
    <Page title={t('hosts.add')} lead={t('enrol.lead')}>
      <Panel className="max-w-3xl">
        <Form />
      </Panel>
    </Page>
  )
}
