// Steps in a row: those behind, the one of now, those to come.
import { CheckOutlined } from '@ant-design/icons';

export function Steps({ items, current, isStopped }: { items: string[]; current: number; /** Off the way: none of the steps is the one of now. */ isStopped?: boolean }) {
  return (
    <ol className={`step-row ${isStopped ? 'step-stopped' : ''}`}>
      {items.map((title, index) => (
        <li key={title} className={index < current ? 'step-done' : index === current ? 'step-now' : 'step-next'} aria-current={index === current ? 'step' : undefined}>
          <span className="step-mark number" aria-hidden="true">{index < current ? <CheckOutlined /> : index + 1}</span>
          <span>{title}</span>
        </li>
      ))}
    </ol>
  );
}
