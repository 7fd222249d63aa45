using System.Management.Automation;
using UsageTracking.Cmdlets.Binding;
using UsageTracking.Metering;
using UsageTracking.Session;

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
        QuotaAnswer answer = Wait(QuotaGate.AskAsync(Connection, customerId, service, quantity, Cancel));
        if (answer is { IsAllowed: true, Warning: { } warning })
            WriteWarning(warning);
        else if (answer.Warning is { } reason)
            WriteVerbose(reason);

        WriteObject(answer.IsAllowed);
    }
}
