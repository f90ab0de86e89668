import { expect, test } from 'vitest'
import { HoldfastError } from '../../../lib/native/errors.js'

test('an error has its code, its name and the cause it was given', () => {
  const cause = new Error('below')
  const error = new HoldfastError('ERR_HOLDFAST_X', 'above', { cause })
  expect(error).toBeInstanceOf(Error)
  expect(error).toMatchObject({ name: 'HoldfastError', code: 'ERR_HOLDFAST_X', cause })
})
