namespace UsageTracking.Stores;

/// <summary>An archive as the store has it entered.</summary>
public sealed record StoredArchive
{
    /// <summary>Which archive it is, wherever its file is taken.</summary>
    public required Guid Id { get; init; }

    /// <summary>Its number in this store, from 1; 0 for one that is not entered yet.</summary>
    public int Number { get; init; }

    /// <summary>The full path that the file was written to.</summary>
    public required string Path { get; init; }

    /// <summary>The customers whose records it has.</summary>
    public required IReadOnlyList<string> CustomerIds { get; init; }

    /// <summary>How many records it has.</summary>
    public required long Records { get; init; }

    /// <summary>The time of the oldest record.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>All records are of before this instant.</summary>
    public required DateTimeOffset End { get; init; }

    /// <summary>The file's SHA-256, in lower-case hexadecimal digits.</summary>
    public required string Sha256 { get; init; }

    /// <summary>When the records left the store.</summary>
    public DateTimeOffset ArchivedAt { get; init; }

    /// <summary>When they came back; null where they did not.</summary>
    public DateTimeOffset? RestoredAt { get; init; }
}
