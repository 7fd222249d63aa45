# Analyze API usage trends
'API Usage Trends (Last 7 Days)'
Get-UsageTrend api 7

# Find peak usage hours
'Top 5 Peak Hours'
Get-UsagePeak api Hourly 5

# Get detailed statistics
'Detailed Statistics (Last 30 Days)'
Get-UsageStatistic api 30
