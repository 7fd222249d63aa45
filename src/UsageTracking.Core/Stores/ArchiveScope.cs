namespace UsageTracking.Stores;

/// <summary>What is to be archived.</summary>
/// <param name="Filter">Whose records, of which services.</param>
/// <param name="Before">Records of before this instant, which falls on a quarter hour.</param>
/// <param name="IncludeUninvoiced">Whether also those that are on no invoice, where the store has invoices at all.</param>
public sealed record ArchiveScope(UsageFilter Filter, DateTimeOffset Before, bool IncludeUninvoiced);

/// <summary>What an archive would take.</summary>
/// <param name="Records">How many records.</param>
/// <param name="Days">Of how many days in UTC.</param>
/// <param name="Bytes">How much room they take in the store, without its indexes.</param>
/// <param name="Uninvoiced">How many more there are that stay, since they are on no invoice yet.</param>
public sealed record ArchivePlan(long Records, int Days, long Bytes, long Uninvoiced);
