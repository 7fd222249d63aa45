namespace UsageTracking.Stores;

/// <summary>What a store says of itself.</summary>
/// <param name="IsInitialized">Whether it has a schema of this project, current or older.</param>
/// <param name="SchemaVersion">The version of that schema; 0 where there is none.</param>
/// <param name="StoreId">The id it got when it was created.</param>
/// <param name="BytesPerGigabyte">Bytes in its gigabyte.</param>
public sealed record StoreState(bool IsInitialized, int SchemaVersion, Guid? StoreId, long BytesPerGigabyte)
{
    /// <summary>Whether that version is the one this program writes.</summary>
    public bool IsCurrent { get; init; } = true;

    /// <summary>The id of the store that is being copied into this one; null where none is, or that is finished.</summary>
    public Guid? CopyFrom { get; init; }
    /// <summary>Whether its tables are spread over several servers.</summary>
    public bool IsDistributed { get; init; }
}
