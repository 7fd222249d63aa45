namespace UsageTracking.Stores;

/// <summary>One reading to store.</summary>
/// <param name="Before">The reading as it is stored; null for a new one.</param>
/// <param name="After">The reading as it is to be; null for one to remove.</param>
public sealed record ReadingUpdate(StoredReading? Before, StoredReading? After)
{
    internal StoredReading Reading => After ?? Before!;

    internal bool ChangesUsage => (Before?.Usage ?? 0) != (After?.Usage ?? 0);
}

/// <summary>Readings to store, worked out from what the store held at a revision.</summary>
/// <param name="CustomerId">The customer.</param>
/// <param name="Service">The service, as the catalogue names it.</param>
/// <param name="Revision">The revision they were worked out from.</param>
/// <param name="Updates">The readings.</param>
/// <param name="AutoCreateCustomer">Whether a customer the store does not know is created.</param>
public sealed record ReadingChange(
    string CustomerId, string Service, long Revision, IReadOnlyList<ReadingUpdate> Updates, bool AutoCreateCustomer)
{
    /// <summary>Whether it is there because a reading is removed.</summary>
    public bool IsRemoval { get; init; }

    /// <summary>Who takes records back, as the corrections say.</summary>
    internal string CorrectedBy => IsRemoval ? "Remove-UsageReading" : "Add-UsageReading";

    /// <summary>Why the record of a reading is taken back, as the correction says.</summary>
    internal string CorrectionReason(ReadingUpdate update) => update.After is null ? "the reading was removed"
        : IsRemoval ? "another reading was removed, which changed what this one means"
        : "another reading changed what this one means";
}
