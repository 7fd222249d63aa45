using System.Management.Automation;
using UsageTracking.Cmdlets.Binding;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Queue;
using UsageTracking.Session;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsLifecycle.Invoke, "UsageFlush")]
[OutputType(typeof(UsageFlushInfo))]
public sealed class InvokeUsageFlushCommand : UsageCmdlet
{
    // What a wait can be told in milliseconds.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(24);
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(250);

    [Parameter(Position = 0)]
    [SecondsTransformation]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        if (Timeout < TimeSpan.Zero)
            throw new UsageException(UsageErrorKind.InvalidInput, "InvalidTimeout", "The timeout is negative. Give the seconds to wait, such as 30.", Timeout);

        StoreConnection connection = Session.Connection;
        Task<FlushResult> flush = connection.Queue.FlushAsync(Timeout < Longest ? Timeout : Longest, Cancel);
        ShowProgress(flush, connection);
        FlushResult result = Wait(flush);
        WriteObject(new UsageFlushInfo(result.Committed, result.Duplicates, result.Rejected, result.Remaining, result.Duration));
        if (result.Error is not null)
        {
            WriteItemError(new UsageException(UsageErrorKind.LimitReached, "FlushIncomplete",
                $"{Wording.Count(result.Remaining, "record")} not stored yet. {result.Error.Message}", connection.Store.Address.Text, result.Error));
        }
    }

    private void ShowProgress(Task flush, StoreConnection connection)
    {
        var progress = new ProgressRecord(1, "Storing usage", "starting");
        long all = connection.Queue.Pending;
        while (!((IAsyncResult)flush).AsyncWaitHandle.WaitOne(ProgressInterval) && !Cancel.IsCancellationRequested)
        {
            long rest = connection.Queue.Pending;
            progress.StatusDescription = $"{Wording.Count(rest, "record")} to go";
            progress.PercentComplete = all == 0 ? 100 : (int)Math.Clamp(100 * (all - rest) / all, 0, 100);
            WriteProgress(progress);
        }

        progress.RecordType = ProgressRecordType.Completed;
        WriteProgress(progress);
    }
}
