// Begin with a recipe, or with a reaction of one's own.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Alert, App, Button, Input, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Loading } from '../../ui/states.tsx';
import { useErrorText, useText } from '../../ui/text.ts';
import { beginWith, recipesQuery, scriptKeys } from './queries.ts';
import './scripts.css';

/** What a reaction may be called: it becomes a part of a path. */
export const isName = (name: string) => /^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/u.test(name);

export function Begin({ org }: { org: string | undefined }) {
  const { t } = useTranslation();
  const text = useText();
  const errorText = useErrorText();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const [name, setName] = useState('');
  const { data: recipes, error } = useQuery({ ...recipesQuery, enabled: isOpen });
  const go = (script: string) => void navigate({ to: `/scripts/${script}` as never, search: { org } as never });
  const begin = useMutation({
    mutationFn: (recipe: string) => beginWith(recipe, org),
    onSuccess: async ({ script }) => {
      await client.invalidateQueries({ queryKey: scriptKeys.all });
      go(script);
    },
    onError: (wrong) => void message.error(errorText(wrong)),
  });
  return (
    <>
      <Button type="primary" onClick={() => setOpen(true)}>{t('scripts.begin')}</Button>
      <Modal open={isOpen} title={t('scripts.begin')} footer={null} onCancel={() => setOpen(false)} width={680}>
        {error && !recipes ? <Alert type="error" showIcon title={errorText(error)} /> : !recipes ? <Loading /> : (
          <ul className="script-rows">
            {recipes.map((recipe) => (
              <li key={recipe.name} className="recipe">
                <div><strong>{text(recipe.label)}</strong><p className="muted">{text(recipe.help)}</p></div>
                <Button loading={begin.isPending && begin.variables === recipe.name} onClick={() => begin.mutate(recipe.name)}>{t('scripts.begin_with')}</Button>
              </li>
            ))}
          </ul>
        )}
        <h3>{t('scripts.new_reaction')}</h3>
        <p className="muted">{t('scripts.new_reaction_hint')}</p>
        <div className="tryout-bar">
          <Input aria-label={t('scripts.reaction_name')} placeholder="welcome-call" value={name} onChange={(event) => setName(event.target.value)} />
          <Button disabled={!isName(name)} onClick={() => go(`reaction/${name}`)}>{t('scripts.write')}</Button>
        </div>
      </Modal>
    </>
  );
}
