// Phone numbers as people read them; links keep the full E.164 form.

/** `+8613800001234` → `138 0000 1234`; other countries keep their code. */
export function formatPhone(number: string): string {
  const mobile = /^\+86(1\d{2})(\d{4})(\d{4})$/u.exec(number);
  if (mobile) return `${mobile[1]} ${mobile[2]} ${mobile[3]}`;
  const landline = /^\+86(10|2\d|[3-9]\d{2})(\d{7,8})$/u.exec(number);
  if (landline) return `0${landline[1]}-${landline[2]}`;
  return number;
}
