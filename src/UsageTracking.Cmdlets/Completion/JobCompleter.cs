using System.Collections;
using UsageTracking.Jobs;

namespace UsageTracking.Cmdlets.Completion;

/// <summary>Completes the names of registered jobs.</summary>
public sealed class JobCompleter : NameCompleter
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);

    private protected override IEnumerable<OfferedName> Names(IDictionary bound)
    {
        // Kills what has not answered by then.
        using var patience = new CancellationTokenSource(Patience);
        Task<IReadOnlyList<RegisteredJob>> jobs = Task.Run(() => ReadAsync(patience.Token));
        return Task.WaitAny([jobs], Patience) == 0 && jobs.IsCompletedSuccessfully
            ? jobs.Result.Select(j => new OfferedName(j.Name, $"{j.Task}, {j.Schedule}"))
            : [];
    }

    private static async Task<IReadOnlyList<RegisteredJob>> ReadAsync(CancellationToken cancel) => await (await JobBook.OpenAsync(cancel)).GetAsync(cancel);
}
