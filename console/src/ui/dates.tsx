// Pickers of dates and moments. The calendar behind them is heavy and comes when the first one is drawn.
import type { DatePickerProps } from 'antd';
import type { Dayjs } from 'dayjs';
import type { RangePickerProps } from 'antd/es/date-picker';
import { lazy, Suspense } from 'react';

const Picker = lazy(() => import('antd/es/date-picker'));
const Range = lazy(() => import('antd/es/date-picker').then(({ default: picker }) => ({ default: picker.RangePicker })));

/** Holds the place, so that nothing jumps. */
const place = <span className="picker-place" />;

type Single = Omit<DatePickerProps, 'value' | 'onChange' | 'mode' | 'multiple'> & { value?: Dayjs | null; onChange?: (at: Dayjs | null) => void };

export function DatePicker(props: Single) {
  return <Suspense fallback={place}><Picker {...(props as object)} /></Suspense>;
}

export function RangePicker(props: RangePickerProps) {
  return <Suspense fallback={place}><Range {...(props as object)} /></Suspense>;
}
