namespace UsageTracking.Stores;

/// <summary>Takes records back, and says of those that are not there where they may be.</summary>
public static class RecordCorrections
{
    /// <summary>How many at once: many in one transaction cost less each, but others wait for it.</summary>
    public const int ChunkSize = 5000;

    /// <summary>Takes records back in one transaction.</summary>
    /// <returns>What became of each, in their order; the errors are those of <see cref="ICorrectionStore.CorrectAsync"/> and <c>RecordArchived</c>.</returns>
    public static async Task<IReadOnlyList<CorrectionOutcome>> WriteAsync(IUsageStore store, IReadOnlyList<RecordCorrection> corrections, CancellationToken cancel)
    {
        IReadOnlyList<CorrectionOutcome> outcomes = await store.CorrectAsync(corrections, cancel);
        if (!outcomes.Any(IsMissing))
            return outcomes;

        StoredArchive[] away = [.. (await store.GetArchivesAsync(cancel)).Where(a => a.RestoredAt is null)];
        return away.Length == 0 ? outcomes : [.. outcomes.Select(o => IsMissing(o) ? o with { Error = Explain(o.Correction, away) } : o)];
    }

    private static bool IsMissing(CorrectionOutcome outcome) => outcome.Error is { ErrorId: "RecordNotFound" };

    private static UsageException Explain(RecordCorrection correction, StoredArchive[] away)
    {
        StoredArchive[] candidates =
        [
            .. away.Where(a => correction.Timestamp is not { } time || (time >= a.Start && time < a.End))
                .Where(a => correction.CustomerId is not { } customer || a.CustomerIds.Contains(customer)),
        ];
        return candidates.Length == 0 ? StoreErrors.RecordNotFound(correction) : StoreErrors.RecordArchived(correction, candidates);
    }
}
