using System.IO.Compression;

namespace UsageTracking.Files.Import;

/// <summary>A file that is read from its beginning to its end, unpacked on the way where its name ends in .gz.</summary>
public sealed class SourceFile : IDisposable
{
    private const string Gzip = ".gz";

    private readonly FileStream _file;

    private SourceFile(FileStream file, bool isPacked)
    {
        _file = file;
        Content = isPacked ? new GZipStream(file, CompressionMode.Decompress) : file;
    }

    /// <summary>What is in it.</summary>
    public Stream Content { get; }

    /// <summary>Bytes of the file that were read, of those it has.</summary>
    public long Position => _file.CanSeek ? _file.Position : 0;

    /// <summary>Bytes the file has; none are known of a pipe.</summary>
    public long Length => _file.CanSeek ? _file.Length : 0;

    /// <summary>Opens a file.</summary>
    /// <exception cref="UsageException"><c>FileNotFound</c>, <c>NotAFile</c> or <c>FileNotRead</c>.</exception>
    public static SourceFile Open(string path) => Open(path, path.EndsWith(Gzip, StringComparison.OrdinalIgnoreCase));

    /// <summary>Opens a file to read its own bytes, packed or not.</summary>
    /// <exception cref="UsageException"><c>FileNotFound</c>, <c>NotAFile</c> or <c>FileNotRead</c>.</exception>
    internal static SourceFile OpenAsIs(string path) => Open(path, isPacked: false);

    private static SourceFile Open(string path, bool isPacked)
    {
        if (Directory.Exists(path))
            throw UsageException.Invalid("NotAFile", $"'{path}' is a folder. Name a file in it.", path);

        try
        {
            return new SourceFile(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), isPacked);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UsageException(UsageErrorKind.NotFound, "FileNotFound", $"There is no file '{path}'.", path, error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw NotRead(path, error);
        }
    }

    /// <summary>The error for a file whose reading failed.</summary>
    public static UsageException NotRead(string path, Exception cause) =>
        UsageException.Invalid("FileNotRead", $"'{path}' cannot be read: {cause.Message}", path, cause);

    /// <summary>The format that the name says.</summary>
    /// <exception cref="UsageException"><c>UnknownFormat</c>.</exception>
    public static ImportFormat FormatOf(string path)
    {
        string name = path.EndsWith(Gzip, StringComparison.OrdinalIgnoreCase) ? path[..^Gzip.Length] : path;
        return Path.GetExtension(name).ToLowerInvariant() switch
        {
            ".csv" => ImportFormat.Csv,
            ".json" => ImportFormat.Json,
            ".ndjson" or ".jsonl" => ImportFormat.Ndjson,
            _ => throw UsageException.Invalid("UnknownFormat",
                $"The name '{Path.GetFileName(path)}' does not say which format the file has. Give -Format Csv, Json or Ndjson.", path),
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Content.Dispose();
        _file.Dispose();
    }
}
