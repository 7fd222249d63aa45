using System.Management.Automation;
using UsageTracking.Reports;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Get, "UsageStatistic")]
[OutputType(typeof(UsageStatistic))]
public sealed class GetUsageStatisticCommand : DaysReportCmdlet
{
    /// <summary>The last 30 days, unless asked otherwise.</summary>
    public GetUsageStatisticCommand() => Days = 30;

    /// <inheritdoc/>
    protected override void WriteReport()
    {
        WarnOfArchived("in the percentiles");
        foreach (UsageStatistic statistic in Wait(StatisticReport.ReadAsync(Connection.Store, Scope, Customers, Cancel)))
            WriteObject(statistic);
    }
}
