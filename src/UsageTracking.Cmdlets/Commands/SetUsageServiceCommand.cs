using System.Management.Automation;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Metering;
using UsageTracking.Session;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Set, "UsageService", SupportsShouldProcess = true)]
[OutputType(typeof(UsageServiceInfo))]
public sealed class SetUsageServiceCommand : UsageCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("Name")]
    [ValidateNotNullOrEmpty]
    public string Service { get; set; } = "";

    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? Unit { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    public SwitchParameter CountsBytes { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    public int? SortOrder { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void OnProcess()
    {
        StoreConnection connection = Session.Connection;
        Wait(connection.PrepareAsync(Cancel));
        // What waits was counted in the unit there is.
        FlushPending(connection);
        bool hasBytes = MyInvocation.BoundParameters.ContainsKey(nameof(CountsBytes));
        var change = new ServiceChange(Service) { Unit = Unit, CountsBytes = hasBytes ? CountsBytes.IsPresent : null, SortOrder = SortOrder };
        Service service = change.Apply(Wait(connection.Store.GetCatalogueAsync(Cancel)));
        if (!ShouldProcess(service.Name, $"define or change the service, counted in {service.Unit}, in {connection.Store.Address}"))
            return;

        Wait(connection.Store.SetServiceAsync(service, Cancel));
        Wait(connection.RefreshAsync(Cancel));
        if (PassThru)
            WriteObject(UsageServiceInfo.Of(service, connection.Catalogue!, Wait(connection.Store.GetPricesAsync([], Cancel))));
    }
}
