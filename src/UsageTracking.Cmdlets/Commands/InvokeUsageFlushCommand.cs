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
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(250);

    [Parameter(Position = 0)]
    [SecondsTransformation]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        FlushTimeout.Check(Timeout);
        StoreConnection connection = Session.Connection;
        Task<FlushResult> flush = connection.Queue.FlushAsync(FlushTimeout.Bounded(Timeout), Cancel);
        ShowProgress(flush, connection);
        FlushResult result = Wait(flush);
        WriteObject(new UsageFlushInfo(result.Committed, result.Duplicates, result.Rejected, result.Remaining, result.Duration));
        if (result.Error is not null)
            WriteItemError(FlushTimeout.Incomplete(result, connection));
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
