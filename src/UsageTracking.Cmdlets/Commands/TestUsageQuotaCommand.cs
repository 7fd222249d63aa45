using System.Management.Automation;
using UsageTracking.Cmdlets.Binding;
using UsageTracking.Metering;
using UsageTracking.Session;
using UsageTracking.Stores;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsDiagnostic.Test, "UsageQuota")]
[OutputType(typeof(bool))]
public sealed class TestUsageQuotaCommand : OneQuotaCmdlet
{
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [AllowNull]
    public object? Quantity { get; set; } = 1;

    /// <inheritdoc/>
    protected override void OnQuota(string customerId, Service service)
    {
        decimal quantity = Metering.Quantity.Read(Unwrap.Base(Quantity));
        var widening = new Widening();
        QuotaAnswer answer = Wait(QuotaGate.AskAsync(Connection, customerId, service, quantity, widening, Cancel));
        WriteWarningOf(widening);
        if (answer is { IsAllowed: true, Warning: { } warning })
            WriteWarning(warning);
        else if (answer.Warning is { } reason)
            WriteVerbose(reason);

        WriteObject(answer.IsAllowed);
    }
}
