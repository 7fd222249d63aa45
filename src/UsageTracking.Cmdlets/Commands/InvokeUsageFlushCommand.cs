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
    [Parameter(Position = 0)]
    [SecondsTransformation]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        if (Timeout < TimeSpan.Zero)
            throw new UsageException(UsageErrorKind.InvalidInput, "InvalidTimeout", "The timeout is negative. Give the seconds to wait, such as 30.", Timeout);

        StoreConnection connection = Session.Connection;
        FlushResult result = Wait(connection.Queue.FlushAsync(Timeout, Cancel));
        WriteObject(new UsageFlushInfo(result.Committed, result.Duplicates, result.Rejected, result.Remaining, result.Duration));
        if (result.Error is not null)
        {
            WriteItemError(new UsageException(UsageErrorKind.LimitReached, "FlushIncomplete",
                $"{Wording.Count(result.Remaining, "record")} not stored yet. {result.Error.Message}", connection.Store.Address.Text, result.Error));
        }
    }
}
