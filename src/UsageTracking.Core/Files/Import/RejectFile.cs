using System.Text;

namespace UsageTracking.Files.Import;

/// <summary>
/// Keeps the bad lines of imports, below what the file has already, as they stood in their files: mended they can be imported.
/// They are written under a temporary name, which is moved at the end.
/// </summary>
public sealed class RejectFile(string path) : IDisposable
{
    private readonly string _temporary = AtomicFile.TemporaryName(path);
    private FileStream? _file;

    /// <summary>Where they are kept.</summary>
    public string Path => path;

    /// <summary>Refuses a place where no file can be.</summary>
    /// <exception cref="UsageException"><c>FolderNotFound</c> or <c>NotAFile</c>.</exception>
    public void Check() => AtomicFile.Check(path, overwrite: true);

    /// <summary>Refuses lines of another header than the file has, which would be mixed up.</summary>
    /// <exception cref="UsageException"><c>RejectFileDiffers</c> or <c>FileNotWritten</c>.</exception>
    public void CheckHeader(ReadOnlySpan<byte> header)
    {
        if (header.IsEmpty || (_file is null && !File.Exists(path)))
            return;

        bool fits;
        try
        {
            using FileStream? before = _file is null ? File.OpenRead(path) : null;
            fits = BeginsWith(before ?? _file!, header);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw NotWritten(error);
        }

        if (!fits)
        {
            throw new UsageException(UsageErrorKind.Conflict, "RejectFileDiffers",
                $"'{path}' does not begin with the header {Encoding.UTF8.GetString(header)}, so its lines would be mixed up. Give another -RejectPath for this file.", path);
        }
    }

    /// <summary>Keeps a line.</summary>
    /// <param name="line">The line, without its end.</param>
    /// <param name="header">The header of the file it is from; empty where it has none.</param>
    /// <exception cref="UsageException"><c>FileNotWritten</c>.</exception>
    public void Add(ReadOnlySpan<byte> line, ReadOnlySpan<byte> header)
    {
        try
        {
            if (_file is null)
                Open();

            if (_file!.Length == 0 && !header.IsEmpty)
                WriteLine(header);

            WriteLine(line);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw NotWritten(error);
        }
    }

    /// <summary>Puts the file in its place; nothing happens where no line was bad.</summary>
    /// <exception cref="UsageException"><c>FileNotWritten</c>.</exception>
    public void Complete()
    {
        if (_file is null)
            return;

        try
        {
            _file.Dispose();
            File.Move(_temporary, path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw NotWritten(error);
        }
        finally
        {
            _file = null;
            File.Delete(_temporary);
        }
    }

    /// <summary>An import that breaks off keeps the lines it has refused.</summary>
    public void Dispose()
    {
        try
        {
            Complete();
        }
        catch (UsageException)
        {
            // The import did not end well, and nothing said that they were kept.
        }
    }

    private void Open()
    {
        _file = new FileStream(_temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        if (!File.Exists(path))
            return;

        using (FileStream before = File.OpenRead(path))
            before.CopyTo(_file);

        if (_file.Length == 0)
            return;

        _file.Seek(-1, SeekOrigin.End);
        if (_file.ReadByte() != '\n')
            _file.WriteByte((byte)'\n');
    }

    private static bool BeginsWith(Stream file, ReadOnlySpan<byte> header)
    {
        byte[] mark = new byte[3];
        byte[] there = new byte[header.Length];
        file.Seek(0, SeekOrigin.Begin);
        // Whoever mended it may have put a byte order mark before it.
        if (file.ReadAtLeast(mark, mark.Length, throwOnEndOfStream: false) < mark.Length || mark is not [0xEF, 0xBB, 0xBF])
            file.Seek(0, SeekOrigin.Begin);

        int read = file.ReadAtLeast(there, there.Length, throwOnEndOfStream: false);
        int next = file.ReadByte();
        file.Seek(0, SeekOrigin.End);
        return file.Length == 0 || (read == header.Length && header.SequenceEqual(there) && next is '\r' or '\n' or -1);
    }

    private void WriteLine(ReadOnlySpan<byte> line)
    {
        _file!.Write(line);
        _file.WriteByte((byte)'\n');
    }

    private UsageException NotWritten(Exception cause) =>
        new(UsageErrorKind.LimitReached, "FileNotWritten", $"'{path}' could not be written: {cause.Message}", path, cause);
}
