// A button that leads somewhere: a link to keyboards, readers and the middle mouse button.
import { createLink } from '@tanstack/react-router';
import { Button, type ButtonProps } from 'antd';

/** `look` is antd's `type`, a name that links use for something else and swallow. */
export const LinkButton = createLink(({ look, ...props }: ButtonProps & { look?: ButtonProps['type'] }) => <Button {...props} type={look} />);
