// What most pages stand on, as one request: the sign-in page fetches it while a person types their password.
export { FieldsForm } from './FieldsForm.tsx';
export { KindList } from './KindList.tsx';
export { Panel } from './Panel.tsx';
export { Timeline } from './Timeline.tsx';
