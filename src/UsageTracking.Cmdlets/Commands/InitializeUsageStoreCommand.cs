using System.Management.Automation;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Session;
using UsageTracking.Stores;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsData.Initialize, "UsageStore", SupportsShouldProcess = true)]
[OutputType(typeof(UsageStoreInfo))]
public sealed class InitializeUsageStoreCommand : UsageCmdlet
{
    [Parameter]
    public SwitchParameter Distributed { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        StoreConnection connection = Session.Connection;
        string store = connection.Store.Address.Text;
        StoreLayout layout = Distributed ? StoreLayout.Distributed : StoreLayout.Default;
        // The steps belong together: declining one declines all.
        bool go = true;
        foreach (string step in Wait(connection.Store.PlanInitializeAsync(layout, Cancel)))
            go &= ShouldProcess(store, step);

        if (go)
        {
            foreach (string step in Wait(connection.InitializeAsync(layout, Cancel)))
                WriteVerbose($"Done: {step}.");
        }

        if (PassThru)
            WriteObject(GetUsageStoreCommand.Describe(this, connection, Cancel));
    }
}
