// A choice as large buttons, for forms that are filled in many times a day: a thumb, an arrow or a number key is enough.
import { useId } from 'react';
import type { Json } from '../api/types.ts';
import type { Choice } from './form.ts';
import { useText } from './text.ts';

interface Props {
  choices: Choice[];
  label: string;
  autoFocus?: boolean;
  id?: string;
  value?: Json;
  onChange?: (value: Json) => void;
}

export function QuickChoice({ choices, label, autoFocus, id, value, onChange }: Props) {
  const text = useText();
  const name = useId();
  return (
    // The number keys are a short cut past the radio buttons inside, which have the focus and the arrows by themselves.
    // oxlint-disable-next-line jsx-a11y/interactive-supports-focus
    <div
      id={id}
      role="radiogroup"
      aria-label={label}
      className="quick-choice"
      onKeyDown={(event) => {
        const chosen = choices[Number(event.key) - 1];
        if (chosen && !event.ctrlKey && !event.metaKey && !event.altKey) onChange?.(chosen.value);
      }}
    >
      {choices.map((choice, index) => (
        <label key={choice.value} className={`quick-option tone-${choice.tone ?? 'plain'} ${value === choice.value ? 'quick-chosen' : ''}`}>
          <input type="radio" name={name} checked={value === choice.value} autoFocus={autoFocus && index === 0} onChange={() => onChange?.(choice.value)} />
          <span>{text(choice.label)}</span>
          <kbd aria-hidden="true">{index + 1}</kbd>
        </label>
      ))}
    </div>
  );
}
