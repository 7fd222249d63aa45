BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll {
    . $PSScriptRoot/Common.ps1
    function Format-Measure { process { "$($_.Period.ToString('yyyy-MM-dd HH:mmzzz')) $($_.Service) $($_.EventCount) $($_.TotalQuantity)" } }
}

foreach ($kind in Get-TestStore) {
    Describe "Measure-Usage on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            $script:address = Get-TestAddress $store
            Connect-UsageStore @address -CustomerId acme
            @(
                'acme,api,1,2026-01-05T00:00:00Z', 'acme,api,2,2026-01-05T00:59:59.999999Z', 'acme,api,4,2026-01-05T01:00:00Z' # a Monday
                'acme,storage,0.5,2026-01-05T00:30:00Z', 'acme,api,8,2026-01-11T23:59:59Z', 'acme,api,16,2026-01-12T00:00:00Z'
                'acme,compute,1,2026-02-01T00:00:00Z'
                'beta,api,1,2026-01-05T00:00:00Z'
                # London's clocks went forward at 01:00 UTC on 30 March 2025 and back at 01:00 UTC on 26 October.
                'london,api,1,2025-03-30T00:30:00Z', 'london,api,2,2025-03-30T01:30:00Z', 'london,api,4,2025-03-30T23:00:00Z'
                'london,api,8,2025-10-25T23:00:00Z', 'london,api,16,2025-10-26T00:30:00Z', 'london,api,32,2025-10-26T01:30:00Z', 'london,api,64,2025-10-26T23:59:00Z'
            ) | ConvertFrom-Csv -Header CustomerId, Service, Quantity, Timestamp | Add-UsageRecord
        }
        AfterAll { Remove-TestStore $store }
        BeforeEach { Connect-UsageStore @address -CustomerId acme }

        It 'measures per day by default, newest first, then in catalogue order, without empty days' {
            Measure-Usage -Start 2026-01-01 -End 2026-01-31 | Format-Measure | Should -Be @(
                '2026-01-12 00:00+00:00 api 1 16', '2026-01-11 00:00+00:00 api 1 8'
                '2026-01-05 00:00+00:00 api 3 7', '2026-01-05 00:00+00:00 storage 1 0.5'
            )
        }

        It 'measures per hour' {
            Measure-Usage Hourly -Start 2026-01-05 -End 2026-01-05 | Format-Measure |
                Should -Be '2026-01-05 01:00+00:00 api 1 4', '2026-01-05 00:00+00:00 api 2 3', '2026-01-05 00:00+00:00 storage 1 0.5'
        }

        It 'measures per ISO week' {
            Measure-Usage Weekly -Service api -Start 2026-01 -End 2026-01 | Format-Measure |
                Should -Be '2026-01-12 00:00+00:00 api 1 16', '2026-01-05 00:00+00:00 api 4 15'
        }

        It 'measures per month, naming a month by its first day whatever part of it is asked for' {
            Measure-Usage Monthly -Start 2026-01-05 -End 2026-02-28 | Format-Measure |
                Should -Be '2026-02-01 00:00+00:00 compute 1 1', '2026-01-01 00:00+00:00 api 5 31', '2026-01-01 00:00+00:00 storage 1 0.5'
            Measure-Usage Monthly -Service api -Start '2026-01-05 00:30' -End '2026-01-05 01:00' | Format-Measure | Should -Be '2026-01-01 00:00+00:00 api 1 2'
        }

        It 'has cost, average, minimum and maximum' {
            $day = Measure-Usage -Service api -Start 2026-01-05 -End 2026-01-05
            $day.TotalCost | Should -Be 0.0007
            $day.AverageQuantity | Should -Be 2.333333333333d # 7 / 3, to 12 decimals
            $day.MinimumQuantity, $day.MaximumQuantity | Should -Be 1, 4
            "$($day.PeriodKind)", $day.CustomerId | Should -Be 'Daily', 'acme'
        }

        It 'takes period, customer, start and end by position' {
            Measure-Usage Daily beta 2026-01-05 2026-01-05 | Format-Measure | Should -Be '2026-01-05 00:00+00:00 api 1 1'
        }

        It 'cuts days of 23 and 25 hours by the clocks of -TimeZone' {
            Measure-Usage Daily london 2025-03-30 2025-03-31 -TimeZone Europe/London | Format-Measure |
                Should -Be '2025-03-31 00:00+01:00 api 1 4', '2025-03-30 00:00+00:00 api 2 3'
            Measure-Usage Daily london 2025-10-26 2025-10-26 -TimeZone Europe/London | Format-Measure | Should -Be '2025-10-26 00:00+01:00 api 4 120'
        }

        It 'keeps the two hours apart that the clocks show alike' {
            Measure-Usage Hourly london 2025-10-26 2025-10-26 -TimeZone Europe/London | Format-Measure | Should -Be @(
                '2025-10-26 23:00+00:00 api 1 64', '2025-10-26 01:00+00:00 api 1 32', '2025-10-26 01:00+01:00 api 1 16', '2025-10-26 00:00+01:00 api 1 8'
            )
            (Measure-Usage Hourly london 2025-10-26 2025-10-26 -TimeZone Europe/London -IncludeEmpty -Service api | Measure-Object).Count | Should -Be 25
            (Measure-Usage Hourly london 2025-03-30 2025-03-30 -TimeZone Europe/London -IncludeEmpty -Service api | Measure-Object).Count | Should -Be 23
        }

        It 'cuts hours of a zone at a quarter past' {
            # 00:30 UTC is 06:15 in Kathmandu, 01:00 is 06:45.
            Measure-Usage Hourly -Service api -Start 2026-01-05 -End 2026-01-05 -TimeZone Asia/Kathmandu | Format-Measure |
                Should -Be '2026-01-05 06:00+05:45 api 2 6', '2026-01-05 05:00+05:45 api 1 1'
        }

        It 'includes empty periods with -IncludeEmpty, without an average, minimum or maximum' {
            $days = Measure-Usage -Service api, storage -Start 2026-01-05 -End 2026-01-06 -IncludeEmpty
            $days | Format-Measure | Should -Be @(
                '2026-01-06 00:00+00:00 api 0 0', '2026-01-06 00:00+00:00 storage 0 0'
                '2026-01-05 00:00+00:00 api 3 7', '2026-01-05 00:00+00:00 storage 1 0.5'
            )
            $days[0].AverageQuantity, $days[0].MinimumQuantity, $days[0].MaximumQuantity | Should -Be $null, $null, $null
            $days[0].TotalCost | Should -Be 0
        }

        It 'takes several customers and wildcards' {
            Measure-Usage -CustomerId * -Service api -Start 2026-01-05 -End 2026-01-05 | ForEach-Object { "$($_.CustomerId) $($_.EventCount)" } |
                Should -Be 'acme 3', 'beta 1'
            { Measure-Usage -CustomerId nobody } | Should -Throw -ErrorId 'CustomerNotFound,*'
            { Measure-Usage -Service nosuch } | Should -Throw -ErrorId 'UnknownService,*'
        }

        It 'takes service, customer and range, but no period, down the pipeline' {
            # Get-Usage's Start and End bind; a property named Period would be a date.
            Get-Usage api -Start 2026-01-05 -End 2026-01-05 | Measure-Usage Hourly | Format-Measure |
                Should -Be '2026-01-05 01:00+00:00 api 1 4', '2026-01-05 00:00+00:00 api 2 3'
            [pscustomobject]@{ Service = 'api'; Period = 'Monthly'; From = '2026-01-12'; To = '2026-01-12' } | Measure-Usage | Format-Measure |
                Should -Be '2026-01-12 00:00+00:00 api 1 16'
        }

        It 'is about the current month by default, and reads what was just added' {
            Add-UsageRecord api 3 -CustomerId fresh
            $measure = Measure-Usage -CustomerId fresh
            $measure.TotalQuantity | Should -Be 3
            $measure.Period.ToString('u') | Should -Be ([datetimeoffset]::UtcNow.ToString('yyyy-MM-dd 00:00:00Z'))
        }

        It 'becomes JSON with numbers as numbers' {
            $json = Measure-Usage -Service storage -Start 2026-01-05 -End 2026-01-05 | ConvertTo-Json | ConvertFrom-Json
            $json.TotalQuantity, $json.AverageQuantity, $json.EventCount | Should -Be 0.5, 0.5, 1
        }

        It 'refuses a period that is none' {
            { Measure-Usage Fortnightly } | Should -Throw -ExpectedMessage '*Hourly, Daily, Weekly, Monthly*'
        }

        Context 'by metadata' {
            BeforeAll {
                Connect-UsageStore @address -CustomerId acme
                @(
                    @{ Quantity = 1; Timestamp = '2026-04-01T00:00Z'; Metadata = @{ endpoint = '/users'; method = 'GET'; status = 200 } }
                    @{ Quantity = 2; Timestamp = '2026-04-01T23:59Z'; Metadata = @{ endpoint = '/users'; method = 'POST'; status = 201 } }
                    @{ Quantity = 1500; Timestamp = '2026-04-01T12:00Z'; Metadata = @{ endpoint = '/posts'; method = 'GET'; status = 200 } }
                    @{ Quantity = 4; Timestamp = '2026-04-02T12:00Z'; Metadata = @{ endpoint = '/users'; method = 'GET'; status = '200' } }
                    @{ Quantity = 8; Timestamp = '2026-04-02T12:00Z'; Metadata = @{ Endpoint = '/users' } }
                    @{ Quantity = 16; Timestamp = '2026-04-02T12:00Z'; Metadata = @{ endpoint = '/users'; method = 'GET' }; CustomerId = 'beta' }
                ) | ForEach-Object { [pscustomobject] (@{ Service = 'api' } + $_) } | Add-UsageRecord
                $script:april = @{ Service = 'api'; Start = '2026-04'; End = '2026-04' }
                function Format-Group { process { "$($_.Period.ToString('MM-dd')) [$($_.Group)] $($_.EventCount) $($_.TotalQuantity)" } }
            }

            It 'groups by one key, the largest group first, records without it on their own' {
                Measure-Usage -GroupBy endpoint @april | Format-Group |
                    Should -Be '04-02 [] 1 8', '04-02 [/users] 1 4', '04-01 [/posts] 1 1500', '04-01 [/users] 2 3'
            }

            It 'gives the values by key' {
                $groups = Measure-Usage -GroupBy endpoint @april
                $groups[1].Group['endpoint'] | Should -BeExactly '/users'
                $groups[0].Group['endpoint'] | Should -Be $null
                $groups[2].AverageQuantity, $groups[2].TotalCost, $groups[2].Unit | Should -Be 1500, 0.15, 'requests'
            }

            It 'groups by several keys, and takes a number and its text for the same' {
                Measure-Usage Monthly -GroupBy method, status @april | Format-Group | Should -Be @(
                    '04-01 [method=GET, status=200] 3 1505', '04-01 [method=, status=] 1 8', '04-01 [method=POST, status=201] 1 2'
                )
                (Measure-Usage Monthly -GroupBy method, method @april).Group[0].Keys | Should -Be method
            }

            It 'adds up to what it says without groups' {
                $grouped = Measure-Usage Daily * -GroupBy endpoint, method, status @april | Measure-Object TotalQuantity, EventCount -Sum
                $whole = Measure-Usage Daily * @april | Measure-Object TotalQuantity, EventCount -Sum
                $grouped.Sum | Should -Be $whole.Sum
                (Measure-Usage @april)[0].Group | Should -Be $null
            }

            It 'keeps customers apart' {
                Measure-Usage Monthly * -GroupBy endpoint @april | ForEach-Object { "$($_.CustomerId) $($_.Group) $($_.TotalQuantity)" } |
                    Should -Be 'acme /posts 1500', 'acme  8', 'acme /users 7', 'beta /users 16'
            }

            It 'warns of a key that no record has, since its case matters' {
                $measure = Measure-Usage Monthly -GroupBy ENDPOINT, endpoint @april -WarningVariable warning -WarningAction SilentlyContinue
                "$warning" | Should -BeLike "*'ENDPOINT'*case*"
                @($warning) | Should -HaveCount 1
                ($measure | Measure-Object TotalQuantity -Sum).Sum | Should -Be 1515
                $null = Measure-Usage -GroupBy endpoint @april -WarningVariable warning
                $warning | Should -BeNullOrEmpty
            }

            It 'lists every group of the range in every period with -IncludeEmpty' {
                Measure-Usage -GroupBy method -Service api, storage -Start 2026-04-01 -End 2026-04-02 -IncludeEmpty | ForEach-Object { "$($_.Period.Day) $($_.Service) [$($_.Group)] $($_.EventCount)" } |
                    Should -Be @(
                        '2 api [] 1', '2 api [GET] 1', '2 api [POST] 0', '2 storage [] 0'
                        '1 api [GET] 2', '1 api [POST] 1', '1 api [] 0', '1 storage [] 0'
                    )
            }

            It 'refuses a key that no metadata can have' {
                { Measure-Usage -GroupBy "a$([char] 0)b" @april } | Should -Throw -ErrorId 'InvalidMetadataKey,*'
                { Measure-Usage -GroupBy '' } | Should -Throw -ErrorId 'ParameterArgumentValidationError,*'
            }

            It 'shows the groups' {
                $text = Measure-Usage Monthly -GroupBy method, endpoint @april | Out-String -Width 120
                $text | Should -Match '(?m)^Period +Service +Group +Customer +Events +Total +Unit +Cost +Avg +Max +Min\s*$'
                $text | Should -Match '(?m)^2026-04 +api +method=GET, endpoint=/posts +acme +1 +1\.5K +requests +\$0\.15 +1\.5K +1\.5K +1\.5K\s*$'
                $text -replace '\x1b\[[0-9;]*m' | Should -Not -Match '\x1b'
                Measure-Usage Monthly @april | Out-String -Width 120 | Should -Match '(?m)^2026-04 +api +acme +5 +1\.52K +requests +\$0\.15 +303 +1\.5K +1\s*$'
            }
        }
    }
}
