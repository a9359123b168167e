package io.lorashear.torch.compile;

/** Whether the memory of a gradient may be written to. */
enum Hold {
  /** No: it may also be another value's gradient. */
  SHARED,
  /** Yes: it belongs to this value alone. */
  OWNED,
  /** Yes, and it is contiguous. */
  WHOLE
}
