using System.Management.Automation;
using UsageTracking.Cmdlets.Binding;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Metering;
using UsageTracking.Metering.Pricing;
using UsageTracking.Session;
using UsageTracking.Stores;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Set, "UsagePrice", SupportsShouldProcess = true)]
[OutputType(typeof(UsagePriceInfo))]
public sealed class SetUsagePriceCommand : UsageCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string Service { get; set; } = "";

    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    public object? UnitCost { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? CustomerId { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? Plan { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    public object? From { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    public PriceModel? Model { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    public object[]? Tier { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    public object? PackageSize { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void OnProcess()
    {
        StoreConnection connection = Session.Connection;
        Wait(connection.PrepareAsync(Cancel));
        Service service = connection.Catalogue!.Get(Service);
        Price price = PriceReader.Make(service, CustomerId, Plan, From, Model, UnitCost, Tier, PackageSize, DateOnly.FromDateTime(DateTime.UtcNow));
        if (!ShouldProcess(PriceRules.Describe(price), FormattableString.Invariant($"set the price from {price.InForceFrom:yyyy-MM-dd} on in {connection.Store.Address}")))
            return;

        // What waits gets the price there was.
        FlushPending(connection);
        Wait(connection.Store.SetPriceAsync(price, Cancel));
        if (Wait(PricedBefore.WarnAsync(connection.Store, price, DateTimeOffset.UtcNow, Cancel)) is { } warning)
            WriteWarning(warning);

        if (PassThru)
            WriteObject(new UsagePriceInfo(price, service.Unit));
    }
}
