using System.Globalization;
using UsageTracking.Stores;

namespace UsageTracking.Copies;

/// <summary>
/// Copies a whole store into an empty one. The small tables go in one transaction, the large ones page by page in key order; how
/// far it got is noted in the transaction of each page, so that a run that was cut off is gone on with. Everything is read from one
/// snapshot. Then both stores are compared, and what the copied one got meanwhile is copied anew until nothing differs.
/// </summary>
public static class StoreCopy
{
    private const int MostRounds = 10;

    /// <summary>What a copy would do, and whether it can.</summary>
    /// <exception cref="UsageException">
    /// <c>CopyToItself</c>, <c>StoreNotEmpty</c>, <c>CopyOfOther</c>, <c>CopyUnfinished</c>, <c>RecordsWithoutTime</c>, or what either store says.
    /// </exception>
    public static async Task<CopyPlan> PlanAsync(IUsageStore from, IUsageStore to, CancellationToken cancel)
    {
        StoreState source = await StateAsync(from, cancel);
        if (source.CopyFrom is not null)
            throw StoreErrors.CopyUnfinished(from.Address);

        StoreState target = await to.GetStateAsync(cancel);
        if (from.Address == to.Address || target.StoreId == source.StoreId)
            throw UsageException.Invalid("CopyToItself", $"{to.Address} is the store that is to be copied. Name another one.", to.Address.Text);

        // A file makes itself.
        if (to.Address.Kind != StoreKind.Sqlite)
            await StateAsync(to, cancel);

        if (target.CopyFrom is { } other && other != source.StoreId)
            throw StoreErrors.CopyOfOther(to.Address);

        if (target is { IsInitialized: true, CopyFrom: null } && await SummarizeAsync(to, cancel) is var there && (there.Records > 0 || there.Customers > 0))
            throw StoreErrors.StoreNotEmpty(to.Address, (there.Records > 0 ? CopyTables.Records : CopyTables.Customers).Name);

        CopySummary summary = await SummarizeAsync(from, cancel);
        return summary.Timeless == 0
            ? new CopyPlan(source.StoreId!.Value, summary, target.CopyFrom is not null)
            : throw new UsageException(UsageErrorKind.Conflict, "RecordsWithoutTime",
                $"{Wording.Count(summary.Timeless, "record")} of the store {from.Address} {(summary.Timeless == 1 ? "has" : "have")} no time, as another program wrote them, and no new store keeps such. Give them a time (recorded_at in billing_usage_records), or delete them.", from.Address.Text);
    }

    /// <summary>Copies, or goes on with a copy that did not finish, and compares.</summary>
    /// <exception cref="UsageException">What <see cref="PlanAsync"/> finds, or <c>CopyOvertaken</c>.</exception>
    public static async Task<CopyOutcome> RunAsync(IUsageStore from, IUsageStore to, CopyProgress progress, CancellationToken cancel)
    {
        CopyPlan plan = await PlanAsync(from, to, cancel);
        if (to.Address.Kind == StoreKind.Sqlite)
            await to.InitializeAsync(cancel);

        IReadOnlyList<string?> position = await to.BeginCopyAsync(plan.From, cancel);
        // What a run before this one copied may have changed since, and nobody knows what it came to.
        CopyDigest? copied = plan.Resumes ? null : new CopyDigest();
        await using (ICopySource source = await from.OpenCopySourceAsync(cancel))
        {
            progress.Begin("Copying customers and settings");
            await CopyAnewAsync(source, to, [.. CopyTables.Small.Select(t => new CopyPart(t, null))], copied, cancel);
            progress.Begin("Copying records", plan.Summary.Records);
            await CopyPagesAsync(source, to, position, copied, progress, cancel);
        }

        return await VerifyAsync(from, to, copied, progress, cancel);
    }

    private static async Task CopyPagesAsync(
        ICopySource source, IUsageStore to, IReadOnlyList<string?> position, CopyDigest? copied, CopyProgress progress, CancellationToken cancel)
    {
        IEnumerable<CopyTable> left = CopyTables.Large.SkipWhile(t => position.Count > 0 && t.Name != position[0]).ToList();
        foreach (CopyTable table in left)
        {
            IReadOnlyList<string?> after = position.Count > 0 && position[0] == table.Name ? [.. position.Skip(1)] : [];
            await foreach (IReadOnlyList<string?[]> page in source.ReadAsync(table, after, null, cancel))
            {
                await using ICopyTarget target = await to.OpenCopyTargetAsync(cancel);
                IReadOnlyList<string?> reached = [table.Name, .. source.KeyOf(table, page[^1])];
                await target.AdvanceAsync(position, reached, cancel);
                await target.AddAsync(table, page, cancel);
                await target.CommitAsync(cancel);
                position = reached;
                copied?.Add(table, page);
                if (table == CopyTables.Records)
                    progress.Add(page.Count);
            }
        }
    }

    /// <summary>Replaces parts of the copy by what they are now, in one transaction.</summary>
    private static async Task CopyAnewAsync(ICopySource source, IUsageStore to, IReadOnlyList<CopyPart> parts, CopyDigest? copied, CancellationToken cancel)
    {
        await using ICopyTarget target = await to.OpenCopyTargetAsync(cancel);
        // Later tables refer to earlier ones.
        foreach (CopyPart part in parts.Reverse())
            await target.ClearAsync(part.Table, part.Group, cancel);

        foreach (CopyPart part in parts)
        {
            await foreach (IReadOnlyList<string?[]> page in source.ReadAsync(part.Table, [], part.Group, cancel))
            {
                await target.AddAsync(part.Table, page, cancel);
                copied?.Add(part.Table, page);
            }
        }

        await target.CommitAsync(cancel);
    }

    private static async Task<CopyOutcome> VerifyAsync(IUsageStore from, IUsageStore to, CopyDigest? copied, CopyProgress progress, CancellationToken cancel)
    {
        for (int round = 1; ; round++)
        {
            await using ICopySource source = await from.OpenCopySourceAsync(cancel);
            (CopyDigest now, CopyDigest there) = await CompareAsync(source, to, progress, cancel);
            IReadOnlyList<CopyPart> differences = now.Differences(there);
            if (differences.Count == 0)
            {
                await to.CompleteCopyAsync(await source.ReadNumbersAsync(cancel), cancel);
                return OutcomeOf(now, isComplete: true);
            }

            // What differs is right to differ only where the copied store is not what it was.
            HashSet<CopyPart>? changed = copied is null ? null : [.. now.Differences(copied)];
            List<CopyPart> wrong = [.. differences.Where(d => changed?.Contains(d) == false)];
            if (wrong.Count > 0 || round == MostRounds)
                return OutcomeOf(now, isComplete: false) with { Mismatches = [.. wrong.Select(w => $"{w}: {now.Describe(w)} in {from.Address}, {there.Describe(w)} in {to.Address}")] };

            progress.Begin("Copying what came meanwhile");
            await MendAsync(source, to, differences, cancel);
            copied = now;
        }
    }

    private static async Task MendAsync(ICopySource source, IUsageStore to, IReadOnlyList<CopyPart> differences, CancellationToken cancel)
    {
        // They refer to each other.
        if (differences.Any(d => CopyTables.Small.Contains(d.Table)))
            await CopyAnewAsync(source, to, [.. CopyTables.Small.Select(t => new CopyPart(t, null))], null, cancel);

        foreach (CopyPart part in differences.Where(d => !CopyTables.Small.Contains(d.Table)))
            await CopyAnewAsync(source, to, [part], null, cancel);
    }

    private static async Task<(CopyDigest Now, CopyDigest There)> CompareAsync(ICopySource source, IUsageStore to, CopyProgress progress, CancellationToken cancel)
    {
        await using ICopySource target = await to.OpenCopySourceAsync(cancel);
        long records = (await source.SummarizeAsync(cancel)).Records + (await target.SummarizeAsync(cancel)).Records;
        progress.Begin("Comparing records", records);
        // Both at once; an embedded engine keeps its thread.
        Task<CopyDigest>[] digests =
        [
            Task.Run(() => CopyDigest.ReadAsync(source, progress, cancel), cancel),
            Task.Run(() => CopyDigest.ReadAsync(target, progress, cancel), cancel),
        ];
        await Task.WhenAll(digests);
        return (await digests[0], await digests[1]);
    }

    private static CopyOutcome OutcomeOf(CopyDigest digest, bool isComplete)
    {
        List<DateTimeOffset> months = [.. digest.Months(CopyTables.Records).Distinct().Order(StringComparer.Ordinal)
            .Select(m => DateTimeOffset.ParseExact(m, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal))];
        return new CopyOutcome
        {
            Records = digest.Count(CopyTables.Records),
            Buckets = digest.Count(CopyTables.Buckets),
            Customers = digest.Count(CopyTables.Customers),
            Start = months.Count > 0 ? months[0] : null,
            End = months.Count > 0 ? months[^1].AddMonths(1) : null,
            IsComplete = isComplete,
        };
    }

    private static async Task<CopySummary> SummarizeAsync(IUsageStore store, CancellationToken cancel)
    {
        await using ICopySource source = await store.OpenCopySourceAsync(cancel);
        return await source.SummarizeAsync(cancel);
    }

    private static async Task<StoreState> StateAsync(IUsageStore store, CancellationToken cancel)
    {
        StoreState state = await store.GetStateAsync(cancel);
        return !state.IsInitialized ? throw StoreErrors.NotInitialized(store.Address)
            : !state.IsCurrent ? throw StoreErrors.OutOfDate(store.Address, state.SchemaVersion)
            : state;
    }
}
