using System.Management.Automation;
using UsageTracking.Reports;
using UsageTracking.Time;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Get, "UsageCost", SupportsShouldProcess = true)]
[OutputType(typeof(UsageCost), typeof(UsageInvoice))]
public sealed class GetUsageCostCommand : RangeReportCmdlet
{
    [Parameter]
    public SwitchParameter Save { get; set; }

    /// <inheritdoc/>
    protected override TimeRange DefaultRange(DateTimeOffset now, TimeZoneInfo zone) =>
        Start is null ? TimeRange.LastMonth(now, zone) : TimeRange.CurrentMonth(now, zone);

    /// <inheritdoc/>
    protected override void CheckInput()
    {
        // An invoice has all of its range, or nobody could say what is late.
        if (Save && !EveryService)
            throw new UsageException(UsageErrorKind.InvalidInput, "InvalidInvoice", "An invoice is about all services. Leave -Service out, or -Save.");
    }

    /// <inheritdoc/>
    protected override void WriteReport()
    {
        foreach (string warning in Wait(CostReport.WarnAsync(Connection.Store, Scope, Cancel)))
            WriteWarning(warning);

        if (!Save)
        {
            foreach (UsageCost line in Wait(CostReport.ReadAsync(Connection.Store, Scope, Cancel)))
                WriteObject(line);

            return;
        }

        foreach (string customer in Customers)
        {
            if (!ShouldProcess(customer, FormattableString.Invariant($"save an invoice from {Scope.Range.Start:yyyy-MM-dd HH:mm zzz} to {Scope.Range.End:yyyy-MM-dd HH:mm zzz} in {Connection.Store.Address}")))
                continue;

            if (Wait(CostReport.SaveAsync(Connection.Store, Scope, customer, Cancel)) is { } invoice)
                WriteObject(invoice);
            else
                WriteVerbose($"There is nothing new to invoice to '{customer}'.");
        }
    }
}
