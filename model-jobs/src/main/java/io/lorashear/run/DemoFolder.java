package io.lorashear.run;

import java.nio.file.Files;
import java.nio.file.Path;

/** The folder of {@code demo}, whose line works in a folder inside it. */
public final class DemoFolder {
  private DemoFolder() {}

  /** Where the line of {@code demo} works. */
  public static Path line(Path demo) {
    return demo.resolve("line");
  }

  /**
   * Where a run works: in the line if {@code run} is the folder of a demo, else in {@code run}.
   *
   * @param sign a file or folder that is there wherever a run works
   */
  public static Path workedIn(Path run, String sign) {
    return Files.exists(line(run).resolve(sign)) ? line(run) : run;
  }
}
