package io.lorashear.spark.job;

import java.io.FilterWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import picocli.CommandLine;

/**
 * A program whose driver YARN runs, by {@code --deploy-mode cluster}. Spark tells YARN how it
 * ended:
 *
 * <pre>
 *   main returns   succeeded
 *   main throws    failed, with the message, which spark-submit shows on the user's machine
 *   System.exit    failed, whatever the code, and without a message
 * </pre>
 */
final class YarnDriver {
  private YarnDriver() {}

  /** A command that did not succeed; its message is what the command said. */
  static final class Failed extends RuntimeException {
    private Failed(String message) {
      super(message, null, false, false);
    }
  }

  /** Whether this process is such a driver. */
  static boolean isThisProcess() {
    return "yarn".equals(System.getProperty("spark.master"))
        && "cluster".equals(System.getProperty("spark.submit.deployMode"));
  }

  /** Ends the program, with a message that is already on its error stream. */
  static void end(int code, String message) {
    if (isThisProcess()) {
      throw new Failed(message);
    }
    System.exit(code);
  }

  /**
   * Runs a command, and keeps what it says on its error stream.
   *
   * @throws Failed if it does not succeed
   */
  static void run(CommandLine line, String... args) {
    var said = new StringWriter();
    line.setErr(new PrintWriter(new Both(line.getErr(), said), true));
    var code = line.execute(args);
    if (code != 0) {
      var message = said.toString().strip();
      throw new Failed(
          message.isEmpty() ? "ended with code %d: see its log".formatted(code) : message);
    }
  }

  private static final class Both extends FilterWriter {
    private final Writer second;

    Both(Writer first, Writer second) {
      super(first);
      this.second = second;
    }

    @Override
    public void write(int character) throws IOException {
      super.write(character);
      second.write(character);
    }

    @Override
    public void write(char[] characters, int from, int count) throws IOException {
      super.write(characters, from, count);
      second.write(characters, from, count);
    }

    @Override
    public void write(String text, int from, int count) throws IOException {
      super.write(text, from, count);
      second.write(text, from, count);
    }
  }
}
