package io.lorashear.torch.compile;

/** How far the memory of a gradient may be written to. */
enum Hold {
  /** Not at all: it may be another value's gradient too. */
  SHARED,
  /** It is of this value alone. */
  OWNED,
  /** The same, and its numbers lie one after the other. */
  WHOLE
}
