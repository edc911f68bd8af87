import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { post } from '../api/client'
import { Button, Field, Trouble } from './bits'

export function AddHost() {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [name, setName] = useState('')
  const [address, setAddress] = useState('')
  const add = useMutation({
    mutationFn: () => post('/hosts', { name: name.trim(), address: address.trim() }),
    onSuccess: () => {
      setName('')
      setAddress('')
      return client.invalidateQueries({ queryKey: ['hosts'] })
    },
  })
  return (
    <form
      className="space-y-3"
      onSubmit={(event) => {
        event.preventDefault()
        add.mutate()
      }}
    >
      <Field label={t('hosts.name')} value={name} onChange={(event) => setName(event.target.value)} required maxLength={63} />
      <Field label={t('hosts.address')} hint={t('hosts.addressHelp')} value={address} onChange={(event) => setAddress(event.target.value)} required maxLength={500} />
      {add.error && <Trouble error={add.error} />}
      <Button look="main" type="submit" disabled={add.isPending || !name.trim() || !address.trim()}>
        {t('hosts.add')}
      </Button>
    </form>
  )
}
