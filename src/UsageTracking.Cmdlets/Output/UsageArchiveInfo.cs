using UsageTracking.Stores;

namespace UsageTracking.Cmdlets.Output;

/// <summary>An archive.</summary>
public sealed class UsageArchiveInfo
{
    internal UsageArchiveInfo(StoredArchive archive)
    {
        Path = archive.Path;
        Records = archive.Records;
        Start = archive.Start.ToUniversalTime();
        End = archive.End.ToUniversalTime();
        Sha256 = archive.Sha256;
        CustomerId = [.. archive.CustomerIds];
        Number = archive.Number;
        ArchivedAt = archive.ArchivedAt.ToUniversalTime();
        RestoredAt = archive.RestoredAt?.ToUniversalTime();
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>How many records it has.</summary>
    public long Records { get; }

    /// <summary>The time of the oldest record.</summary>
    public DateTimeOffset Start { get; }

    /// <summary>All records are of before this instant.</summary>
    public DateTimeOffset End { get; }

    /// <summary>The file's SHA-256, as sha256sum prints it.</summary>
    public string Sha256 { get; }

    /// <summary>The customers whose records it has.</summary>
    public string[] CustomerId { get; }

    /// <summary>Its number in the store.</summary>
    public int Number { get; }

    /// <summary>When the records left the store.</summary>
    public DateTimeOffset ArchivedAt { get; }

    /// <summary>When they came back; null where they did not.</summary>
    public DateTimeOffset? RestoredAt { get; }
}
