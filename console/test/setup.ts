// What every test begins with: a slow machine is waited for.
import { configure } from '@testing-library/react';

configure({ asyncUtilTimeout: 30_000 });
