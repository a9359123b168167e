package io.lorashear.run;

/** Progress that is not shown. */
final class SilentWork implements Progress.Work {
  @Override
  public void step(long units) {}

  @Override
  public void note(String text) {}

  @Override
  public void close() {}
}
