using UsageTracking.Files.Import;
using UsageTracking.Stores;

namespace UsageTracking.Files.Archives;

/// <summary>Reads the records of an archive; memory does not grow with them.</summary>
internal static class ArchiveReader
{
    /// <exception cref="UsageException"><c>FileNotFound</c>, <c>FileNotRead</c>, or <c>ArchiveDamaged</c>, with the line.</exception>
    public static IEnumerable<ArchivedRecord> Read(string path, CancellationToken cancel)
    {
        using SourceFile source = SourceFile.Open(path);
        using IEnumerator<ArchivedRecord> record = (ArchivePath.FormatOf(path) == ArchiveFormat.Csv
            ? CsvArchiveReader.Read(source.Content)
            : NdjsonArchiveReader.Read(source.Content)).GetEnumerator();
        while (MoveNext(record, path, cancel))
            yield return record.Current;
    }

    internal static UsageException Damaged(string path, string what, Exception? cause = null) =>
        UsageException.Invalid("ArchiveDamaged", $"The archive '{path}' is damaged: {what} Bring back an undamaged copy.", path, cause);

    private static bool MoveNext(IEnumerator<ArchivedRecord> record, string path, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        try
        {
            return record.MoveNext();
        }
        catch (DamagedLineException error)
        {
            throw Damaged(path, FormattableString.Invariant($"line {error.Line} cannot be read."), error);
        }
        catch (UsageException error)
        {
            throw Damaged(path, error.Message, error);
        }
        catch (InvalidDataException error)
        {
            throw Damaged(path, "it cannot be unpacked.", error);
        }
        catch (IOException error)
        {
            throw SourceFile.NotRead(path, error);
        }
    }
}
