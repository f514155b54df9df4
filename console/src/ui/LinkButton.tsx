// A button that leads somewhere: a link to keyboards, readers and the middle mouse button.
import { createLink } from '@tanstack/react-router';
import { Button, type ButtonProps } from 'antd';

export const LinkButton = createLink((props: ButtonProps) => <Button {...props} />);
