using System.Globalization;

namespace UsageTracking.Queue.Spools;

/// <summary>One file of a spool: frames, only ever appended. Its name is the number of its first record.</summary>
internal sealed class Segment : IDisposable
{
    private const string Extension = ".seg";

    private FileStream? _file;
    private long _synced;

    private Segment(string path, long firstRow, long length, FileStream? file) => (FilePath, FirstRow, Length, _file) = (path, firstRow, length, file);

    public string FilePath { get; }

    public long FirstRow { get; }

    /// <summary>Bytes that hold frames; what a failed write left behind does not count.</summary>
    public long Length { get; private set; }

    /// <summary>Whether it can be appended to.</summary>
    public bool IsOpen => _file is not null;

    /// <summary>Whether records in it could not be read; then the file is kept when the others go.</summary>
    public bool IsDamaged { get; set; }

    /// <summary>Creates a segment to append to.</summary>
    public static Segment Create(string folder, long firstRow)
    {
        string path = Path.Combine(folder, firstRow.ToString("D19", CultureInfo.InvariantCulture) + Extension);
        return new Segment(path, firstRow, 0, new FileStream(path, OwnerOnly.NewFile(FileShare.ReadWrite | FileShare.Delete)));
    }

    /// <summary>The segments in a folder, in order.</summary>
    public static IEnumerable<Segment> Find(string folder) =>
        from file in new DirectoryInfo(folder).EnumerateFiles("*" + Extension)
        let row = long.TryParse(Path.GetFileNameWithoutExtension(file.Name), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : 0
        where row > 0
        orderby row
        select new Segment(file.FullName, row, file.Length, null);

    /// <summary>Appends bytes, all or none.</summary>
    /// <exception cref="IOException">There is no room, or the disk fails.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        try
        {
            RandomAccess.Write(_file!.SafeFileHandle, bytes, Length);
            Length += bytes.Length;
        }
        catch (IOException)
        {
            TryTruncate();
            throw;
        }
    }

    /// <summary>Whether all of it is on the disk.</summary>
    public bool IsSynced => _synced == Length;

    /// <summary>Sends what was written to the disk.</summary>
    public void Sync()
    {
        long length = Length;
        if (_file is not { } file)
            return;

        DiskSync.Flush(file);
        _synced = length;
    }

    /// <summary>No more is appended.</summary>
    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
    }

    private void TryTruncate()
    {
        try
        {
            RandomAccess.SetLength(_file!.SafeFileHandle, Length);
        }
        catch (IOException)
        {
            // The next write overwrites it, and a reader knows an unfinished frame.
        }
    }
}
