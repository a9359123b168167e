package io.lorashear.spark.store;

import io.lorashear.InputException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.PathIsNotEmptyDirectoryException;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.apache.hadoop.security.AccessControlException;

/**
 * Calls of a store, made again if they fail for a reason that may pass: {@value #ATTEMPTS} attempts
 * in about two seconds, in addition to those of Hadoop's own client. What is no matter of waiting
 * is thrown at once.
 */
final class Repeated {
  static final int ATTEMPTS = 4;

  private static final long FIRST_PAUSE_MILLIS = 100;
  private static final int LONGER = 4; // times the pause before

  /** Failures that are answers. */
  private static final List<Class<? extends IOException>> ANSWERS =
      List.of(
          FileNotFoundException.class,
          NoSuchFileException.class,
          FileAlreadyExistsException.class,
          org.apache.hadoop.fs.FileAlreadyExistsException.class,
          PathIsNotEmptyDirectoryException.class);

  interface Call<T> {
    T done() throws IOException;
  }

  private Repeated() {}

  /**
   * The result of {@code call}.
   *
   * @throws IOException if the store answers that there is no such file, or already one
   * @throws InputException if it refuses access, cannot be reached at all, or fails every time;
   *     unchecked, because {@link java.nio.file.Files#exists} takes an IOException for an absent
   *     file
   */
  static <T> T call(Path path, Call<T> call) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        return call.done();
      } catch (AccessControlException | AccessDeniedException e) {
        throw new InputException(
            e,
            "%s: the store refuses access (%s): check the credentials and their rights",
            path,
            e.getMessage());
      } catch (UnsupportedFileSystemException e) {
        throw noClient(path, e);
      } catch (IOException e) {
        if (ANSWERS.stream().anyMatch(answer -> answer.isInstance(e))) {
          throw e;
        }
        if (attempt == ATTEMPTS) {
          throw new InputException(
              e,
              "%s: the store failed %d times, the last time with: %s. Check the network and the"
                  + " address; the same command goes on",
              path,
              ATTEMPTS,
              e.getMessage());
        }
        pause(attempt);
      } catch (RuntimeException e) {
        if (e.getCause() instanceof ClassNotFoundException) {
          throw noClient(path, e);
        }
        throw e;
      }
    }
  }

  private static InputException noClient(Path path, Exception e) {
    return new InputException(
        e,
        "%s: there is no client for such addresses (%s): for s3a:// set LORASHEAR_S3=yes; the"
            + " client of another store must be on the class path",
        path,
        e.getMessage());
  }

  private static void pause(int attempt) {
    long millis = FIRST_PAUSE_MILLIS;
    for (int i = 1; i < attempt; i++) {
      millis *= LONGER;
    }
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
