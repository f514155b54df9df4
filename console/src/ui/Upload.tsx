// Files to choose, or to drop: a button with an input behind it.
import { useId, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

interface Props {
  accept?: string;
  multiple?: boolean;
  label?: string;
  onFile: (file: File) => void;
  children: ReactNode;
}

/** What stands inside is the button; the input behind it opens the system's own dialog. */
export function Upload({ accept, multiple, label, onFile, children }: Props) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input ref={input} type="file" hidden accept={accept} multiple={multiple} aria-label={label ?? t('upload.choose')} onChange={(event) => { [...(event.target.files ?? [])].forEach(onFile); event.target.value = ''; }} />
      {/* The button inside has the focus and the keys; its click comes up to here. */}
      {/* oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions */}
      <span className="upload" onClick={() => input.current?.click()}>{children}</span>
    </>
  );
}

/** A field to drop files on; a label, so that it is pressed like a button. */
export function DropZone({ accept, multiple, label, onFile, children }: Props) {
  const { t } = useTranslation();
  const id = useId();
  const [isOver, setOver] = useState(false);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <label
      htmlFor={id}
      className={`drop-zone ${isOver ? 'drop-over' : ''}`}
      onDragOver={(event) => { event.preventDefault(); setOver(true); }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const files = [...event.dataTransfer.files];
        (multiple ? files : files.slice(0, 1)).forEach(onFile);
      }}
    >
      <input id={id} type="file" className="visually-hidden" accept={accept} multiple={multiple} aria-label={label ?? t('upload.choose')} onChange={(event) => { [...(event.target.files ?? [])].forEach(onFile); event.target.value = ''; }} />
      {children}
    </label>
  );
}
