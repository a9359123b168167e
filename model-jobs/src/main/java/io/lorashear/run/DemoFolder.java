package io.lorashear.run;

import java.nio.file.Files;
import java.nio.file.Path;

/** The folder of the command {@code demo}, whose pipeline runs in a subfolder. */
public final class DemoFolder {
  private DemoFolder() {}

  /** The work folder of the pipeline of {@code demo}. */
  public static Path line(Path demo) {
    return demo.resolve("line");
  }

  /**
   * The work folder of a run: that of the pipeline if {@code run} is the folder of a demo, else
   * {@code run}.
   *
   * @param sign name of a file or folder that every work folder contains
   */
  public static Path workedIn(Path run, String sign) {
    return Files.exists(line(run).resolve(sign)) ? line(run) : run;
  }
}
