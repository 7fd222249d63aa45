using System.Management.Automation;
using UsageTracking.Quotas;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsLifecycle.Invoke, "UsageAlertCheck", SupportsShouldProcess = true)]
[OutputType(typeof(UsageAlert))]
public sealed class InvokeUsageAlertCheckCommand : QuotaCmdlet
{
    private static readonly TimeSpan SettlePatience = TimeSpan.FromSeconds(5);

    [Parameter]
    public SwitchParameter IncludeActive { get; set; }

    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? Action { get; set; }

    [Parameter]
    public SwitchParameter BurnRate { get; set; }

    /// <inheritdoc/>
    protected override void OnQuotas()
    {
        AlertThresholds thresholds = Session.Options.Thresholds;
        if (!ShouldProcess(Connection.Store.Address.Text, $"raise the alerts of {Wording.Count(Standings.Count, "quota")}"))
            return;

        // What stood before is what this check did not raise itself.
        IReadOnlyList<UsageAlert> active = IncludeActive
            ? Wait(AlertCheck.GetActiveAsync(Connection.Store, Standings, thresholds, Cancel))
            : [];
        foreach (UsageAlert alert in Wait(AlertCheck.RaiseAsync(Connection.Store, Filter, Standings, thresholds, BurnRate, Widening, Cancel)))
        {
            active = [.. active.Where(a => !a.IsSameAs(alert))];
            if (Wait(AlertCheck.KeepAsync(Connection.Store, alert, Cancel)))
                HandOver(alert);
        }

        foreach (UsageAlert alert in active)
            WriteObject(alert);
    }

    private void HandOver(UsageAlert alert)
    {
        bool isDelivered = false;
        try
        {
            if (!TryRun(alert))
                return;

            // Whom the action told needs no second call, whatever becomes of the output.
            isDelivered = Action is not null;
            Write(alert, ref isDelivered);
        }
        finally
        {
            // Also where the pipeline is stopped in the middle of it: then somebody else has to.
            Settle(alert, isDelivered);
        }
    }

    private void Write(UsageAlert alert, ref bool isDelivered)
    {
        try
        {
            WriteObject(alert);
            isDelivered = true;
        }
        catch (PipelineStoppedException) when (!Stopping)
        {
            // Who wants no more after this one, such as Select-Object -First, has it.
            isDelivered = true;
            throw;
        }
    }

    private bool TryRun(UsageAlert alert)
    {
        try
        {
            Run(alert);
            return true;
        }
        catch (RuntimeException error) when (error is not PipelineStoppedException)
        {
            // What went wrong, not that it ended the action.
            string reason = error is ActionPreferenceStopException stop ? stop.ErrorRecord.Exception.Message : error.Message;
            WriteItemError(
                new UsageException(UsageErrorKind.Conflict, "AlertActionFailed",
                    $"The action failed for the alert '{alert.Message}' of '{alert.CustomerId}': {reason} The next check tries again.", alert, error),
                alert);
            return false;
        }
    }

    private void Settle(UsageAlert alert, bool isDelivered)
    {
        try
        {
            AlertCheck.SettleAsync(Connection.Store, alert, isDelivered, CancellationToken.None).WaitAsync(SettlePatience, CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (Exception error) when (error is UsageException or TimeoutException && !Cancel.IsCancellationRequested)
        {
            WriteWarning($"It could not be noted that the alert '{alert.Message}' was handed over; it may come again. {error.Message}");
        }
    }

    private void Run(UsageAlert alert)
    {
        if (Action is null)
            return;

        // Whatever goes wrong in it, an error that a script would go on after included, means that nobody may have been told.
        Action.InvokeWithContext(
            null,
            [new PSVariable("_", alert), new PSVariable("ErrorActionPreference", ActionPreference.Stop), new PSVariable("PSNativeCommandUseErrorActionPreference", true)],
            alert);
    }
}
