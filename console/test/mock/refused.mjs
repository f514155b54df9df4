// A refusal with a status and a code, as the server makes them.
export class Refused extends Error {
  constructor(status, code, detail, errors = []) {
    super(detail);
    Object.assign(this, { status, code, errors });
  }
}
