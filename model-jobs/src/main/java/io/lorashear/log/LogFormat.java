package io.lorashear.log;

import io.lorashear.InputException;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The form of everything that is written to the error stream. */
public enum LogFormat {
  /** Lines for people. */
  TEXT,

  /** A JSON object in each line: time, level, logger, stage, message and fields. */
  JSON;

  private static final String CONFIGURATION = "log4j2.configurationFile";
  private static final String OF_JSON = "log4j2-json.properties";
  private static final Logger SAID = LoggerFactory.getLogger("io.lorashear.said");
  private static volatile LogFormat current = TEXT;

  /** The form that this process writes. */
  public static LogFormat current() {
    return current;
  }

  /**
   * From now on writes in this form: every line of the error stream becomes an event of the log.
   *
   * @throws InputException if the process was not started with the configuration for JSON, which
   *     cannot be changed later
   */
  public void use() {
    if (this == TEXT || current == JSON) {
      return;
    }
    var configuration = System.getProperty(CONFIGURATION, "");
    if (!configuration.endsWith(OF_JSON)) {
      throw new InputException(
          "--log json needs log4j's configuration conf/%s, but %s is '%s': start by bin/lorashear,"
              + " or give java -D%s=conf/%s",
          OF_JSON, CONFIGURATION, configuration, CONFIGURATION, OF_JSON);
    }
    current = JSON;
    System.setErr(new PrintStream(new Lines(), true, StandardCharsets.UTF_8));
  }

  /** Logs each line that is written. */
  private static final class Lines extends OutputStream {
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    @Override
    public synchronized void write(int next) {
      if (next != '\n') {
        line.write(next);
        return;
      }
      var text = line.toString(StandardCharsets.UTF_8).strip();
      line.reset();
      if (!text.isEmpty()) {
        SAID.info("{}", text);
      }
    }
  }
}
