using System.Management.Automation;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Session;
using UsageTracking.Stores;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsData.Initialize, "UsageStore", SupportsShouldProcess = true)]
[OutputType(typeof(UsageStoreInfo))]
public sealed class InitializeUsageStoreCommand : UsageCmdlet
{
    private readonly InitializeProgress _progress = new();

    [Parameter]
    public SwitchParameter Partition { get; set; }

    [Parameter]
    public SwitchParameter Distributed { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        StoreConnection connection = Session.Connection;
        string store = connection.Store.Address.Text;
        StoreLayout layout = (Partition ? StoreLayout.Partitioned : StoreLayout.Default) | (Distributed ? StoreLayout.Distributed : StoreLayout.Default);
        // The steps belong together: declining one declines all.
        bool go = true;
        foreach (string step in Wait(connection.Store.PlanInitializeAsync(layout, Cancel)))
            go &= ShouldProcess(store, step);

        if (go)
        {
            foreach (string step in WaitAndClean(connection.InitializeAsync(layout, _progress, Cancel)))
                WriteVerbose($"Done: {step}.");
        }

        if (PassThru)
            WriteObject(GetUsageStoreCommand.Describe(this, connection, Cancel));
    }

    /// <inheritdoc/>
    protected override void Describe(ProgressRecord progress)
    {
        progress.StatusDescription = _progress.ToString() is { Length: > 0 } text ? text : progress.StatusDescription;
        progress.PercentComplete = _progress.Percent ?? -1;
        progress.SecondsRemaining = (int?)_progress.Remaining?.TotalSeconds ?? -1;
    }
}
