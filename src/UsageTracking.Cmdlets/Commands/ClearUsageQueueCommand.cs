using System.Management.Automation;
using UsageTracking.Cmdlets.Binding;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Queue;
using UsageTracking.Session;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Clear, "UsageQueue", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(UsageQueueClearInfo))]
public sealed class ClearUsageQueueCommand : UsageCmdlet
{
    [Parameter]
    public SwitchParameter Discard { get; set; }

    [Parameter]
    [SecondsTransformation]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    private bool IsWhatIf => MyInvocation.BoundParameters.TryGetValue("WhatIf", out object? given)
        ? LanguagePrimitives.IsTrue(given)
        : LanguagePrimitives.IsTrue(SessionState.PSVariable.GetValue("WhatIfPreference"));

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        FlushTimeout.Check(Timeout);
        StoreConnection connection = Session.Connection;
        UsageQueue queue = connection.Queue;
        string waiting = Wording.Count(queue.CountDiscardable(), "record");
        if (Discard)
        {
            if (ShouldProcess($"{waiting} on the way to {connection.Store.Address}", "throw away"))
                WriteObject(new UsageQueueClearInfo(0, queue.Discard(FlushTimeout.Bounded(Timeout), Cancel), 0));

            return;
        }

        // Storing what waits is what the queue does anyway: nobody needs to confirm that.
        if (IsWhatIf && !ShouldProcess($"{waiting} on the way to {connection.Store.Address}", "store, and remove spent files"))
            return;

        FlushResult result = Wait(queue.FlushAsync(FlushTimeout.Bounded(Timeout), Cancel));
        queue.RemoveSpent();
        WriteObject(new UsageQueueClearInfo(result.Committed, 0, result.Remaining));
        if (result.Error is not null)
            WriteItemError(FlushTimeout.Incomplete(result, connection));
    }
}
