using System.Management.Automation;
using UsageTracking.Reports;
using UsageTracking.Time;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Get, "Usage")]
[OutputType(typeof(ServiceUsage), typeof(DailyServiceUsage))]
public sealed class GetUsageCommand : RangeReportCmdlet
{
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    /// <inheritdoc/>
    protected override TimeRange DefaultRange(DateTimeOffset now, TimeZoneInfo zone) => TimeRange.CurrentMonth(now, zone);

    /// <inheritdoc/>
    protected override void WriteReport()
    {
        if (Detailed)
        {
            foreach (DailyServiceUsage day in Wait(UsageReport.DailyAsync(Connection.Store, Scope, Customers, Cancel)))
                WriteObject(day);
        }
        else
        {
            foreach (ServiceUsage usage in Wait(UsageReport.TotalsAsync(Connection.Store, Scope, Customers, Cancel)))
                WriteObject(usage);
        }
    }
}
