using System.Diagnostics;
using System.Management.Automation;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Copies;
using UsageTracking.Session;
using UsageTracking.Stores;
using UsageTracking.Stores.Sqlite;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Copy, "UsageStore", SupportsShouldProcess = true)]
[OutputType(typeof(UsageCopyInfo))]
public sealed class CopyUsageStoreCommand : UsageCmdlet
{
    private readonly CopyProgress _progress = new();

    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? From { get; set; }

    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string To { get; set; } = "";

    /// <inheritdoc/>
    protected override string WaitsFor => "the copy";

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        // The connected store stays open; what is only named is opened for this.
        IUsageStore from = From is null ? Session.Connection.Store : Open(From);
        IUsageStore to = Open(To);
        try
        {
            Copy(from, to);
        }
        finally
        {
            Wait(to.DisposeAsync().AsTask());
            if (From is not null)
                Wait(from.DisposeAsync().AsTask());
        }
    }

    /// <inheritdoc/>
    protected override void Describe(ProgressRecord progress)
    {
        progress.StatusDescription = _progress.ToString() is { Length: > 0 } text ? text : progress.StatusDescription;
        progress.PercentComplete = _progress.Percent ?? -1;
    }

    private void Copy(IUsageStore from, IUsageStore to)
    {
        CopyPlan plan = Wait(Task.Run(() => StoreCopy.PlanAsync(from, to, Cancel)));
        if (!ShouldProcess(to.Address.Text,
            $"{(plan.Resumes ? "go on copying" : "copy")} {Wording.Count(plan.Summary.Records, "record")} of {Wording.Count(plan.Summary.Customers, "customer")} in {Wording.Count(plan.Summary.Months, "month")} from {from.Address}"))
        {
            return;
        }

        var watch = Stopwatch.StartNew();
        Wait(Session.SettleSourceAsync(from.Address, Cancel));
        CopyOutcome outcome = WaitAndClean(Task.Run(() => StoreCopy.RunAsync(from, to, _progress, Cancel)));
        WriteObject(new UsageCopyInfo(from.Address, to.Address, outcome, watch.Elapsed));
        if (outcome.Error(from.Address, to.Address) is { } error)
            WriteItemError(error);

        if (Session.CountWaiting(from.Address) is > 0 and var waiting)
            WriteWarning($"{Wording.Count(waiting, "record")} came into queues for {from.Address} meanwhile and {(waiting == 1 ? "is" : "are")} not in {to.Address}. Get-UsageQueue shows whose they are.");
    }

    private IUsageStore Open(string text) =>
        StoreLocator.IsServer(text) ? StoreLocator.FromText(text) : new SqliteStore(GetUnresolvedProviderPathFromPSPath(text));
}
