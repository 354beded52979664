/**
 * Functions of dates and times, and their formats. What each gives is stated in GoogleSQL's reference (the pages
 * date_functions, datetime_functions, time_functions, timestamp_functions, format-elements).
 *
 * @since 0.1.0
 */
import type { Construct } from "./Construct.ts"

export const dates: ReadonlyArray<Construct> = [
  {
    constructs: [
      "function EXTRACT",
      "part YEAR",
      "part MONTH",
      "part DAY",
      "part QUARTER",
      "part DAYOFYEAR",
      "part DAYOFWEEK"
    ],
    sql:
      "select extract(year from d), extract(month from d), extract(day from d), extract(quarter from d), extract(dayofyear from d), extract(dayofweek from d) from (select date '2020-11-08' as d)",
    rows: [[2020, 11, 8, 4, 313, 1]]
  },
  {
    constructs: ["part WEEK", "part ISOWEEK", "part ISOYEAR"],
    sql:
      "select extract(week from date '2017-01-01'), extract(week from date '2017-12-31'), extract(week from date '2016-01-02'), extract(week(monday) from date '2017-11-06'), extract(week(monday) from date '2017-11-05'), extract(isoweek from date '2016-01-01'), extract(isoyear from date '2016-01-01')",
    rows: [[1, 53, 0, 45, 44, 53, 2015]]
  },
  {
    constructs: ["part HOUR", "part MINUTE", "part SECOND", "part MILLISECOND", "part MICROSECOND"],
    sql:
      "select extract(hour from t), extract(minute from t), extract(second from t), extract(millisecond from t), extract(microsecond from t) from (select datetime '2020-01-02 03:04:05.678901' as t)",
    rows: [[3, 4, 5, 678, 678901]]
  },
  {
    constructs: ["part DATE", "part TIME", "part DATETIME", "time zone"],
    sql:
      "select extract(date from t), extract(time from t), extract(datetime from t), extract(hour from t at time zone 'America/New_York'), extract(day from t at time zone '+05:30') from (select timestamp '2020-01-02 23:04:05' as t)",
    rows: [["2020-01-02", "23:04:05", "2020-01-02 23:04:05", 18, 3]]
  },
  {
    constructs: ["function EXTRACT", "cast STRING to TIME", "part HOUR", "cast STRING to TIMESTAMP", "part YEAR"],
    sql: "select extract(hour from time '12:34:56'), extract(year from timestamp '1969-12-31 23:59:59')",
    rows: [[12, 1969]]
  },
  {
    constructs: ["cast STRING to DATE", "function DATE_TRUNC"],
    sql:
      "select date_trunc(d, day), date_trunc(d, week), date_trunc(d, week(monday)), date_trunc(d, isoweek), date_trunc(d, month), date_trunc(d, quarter), date_trunc(d, year), date_trunc(d, isoyear) from (select date '2021-01-03' as d)",
    rows: [[
      "2021-01-03",
      "2021-01-03",
      "2020-12-28",
      "2020-12-28",
      "2021-01-01",
      "2021-01-01",
      "2021-01-01",
      "2019-12-30"
    ]]
  },
  {
    constructs: ["function DATE_TRUNC", "cast STRING to DATE", "cast STRING to DATETIME", "cast STRING to TIMESTAMP"],
    sql:
      "select date_trunc(date '2020-01-07', week(wednesday)), date_trunc(date '2020-01-08', week(wednesday)), date_trunc(datetime '2020-01-08 10:11:12', month), date_trunc(timestamp '2020-01-08 10:11:12', year)",
    rows: [["2020-01-01", "2020-01-08", "2020-01-01 00:00:00", "2020-01-01 00:00:00"]]
  },
  {
    constructs: ["function DATETIME_TRUNC"],
    sql:
      "select datetime_trunc(t, hour), datetime_trunc(t, minute), datetime_trunc(t, second), datetime_trunc(t, millisecond), datetime_trunc(t, week), datetime_trunc(t, day) from (select datetime '2020-01-08 10:11:12.345678' as t)",
    rows: [[
      "2020-01-08 10:00:00",
      "2020-01-08 10:11:00",
      "2020-01-08 10:11:12",
      "2020-01-08 10:11:12.345",
      "2020-01-05 00:00:00",
      "2020-01-08 00:00:00"
    ]]
  },
  {
    constructs: ["function TIMESTAMP_TRUNC"],
    sql:
      "select timestamp_trunc(t, day), timestamp_trunc(t, day, 'America/New_York'), timestamp_trunc(t, month, 'UTC'), timestamp_trunc(t, hour, '+05:30'), timestamp_trunc(t, isoweek) from (select timestamp '2020-07-02 01:11:12' as t)",
    rows: [[
      "2020-07-02 00:00:00",
      "2020-07-01 04:00:00",
      "2020-07-01 00:00:00",
      "2020-07-02 00:30:00",
      "2020-06-29 00:00:00"
    ]]
  },
  {
    constructs: ["function TIME_TRUNC"],
    sql:
      "select time_trunc(time '15:30:45.5', hour), time_trunc(time '15:30:45.5', minute), time_trunc(time '15:30:45.5', second)",
    rows: [["15:00:00", "15:30:00", "15:30:45"]]
  },
  {
    constructs: ["function DATE_ADD", "interval YEAR", "interval WEEK", "function DATE_SUB", "interval QUARTER"],
    sql:
      "select date_add(date '2020-01-31', interval 1 month), date_add(date '2020-02-29', interval 1 year), date_add(date '2020-01-01', interval -1 day), date_add('2020-01-01', interval 2 week), date_sub(date '2020-01-01', interval 1 quarter), date_sub(date '2020-03-31', interval 1 month)",
    rows: [["2020-02-29", "2021-02-28", "2019-12-31", "2020-01-15", "2019-10-01", "2020-02-29"]]
  },
  {
    constructs: ["operator IN", "function DATE_ADD", "interval DAY"],
    sql: "select date_add(d, interval n day) from birds where n in (1, 2) order by n",
    rows: [["2020-01-02"], ["2020-02-03"]]
  },
  {
    constructs: ["function DATETIME_ADD", "function DATETIME_SUB", "interval MILLISECOND"],
    sql:
      "select datetime_add(datetime '2020-01-01 00:00:00', interval 90 minute), datetime_sub(datetime '2020-03-31 01:00:00', interval 1 month), datetime_add(datetime '2020-01-01 00:00:00', interval 1500 millisecond), datetime_add(datetime '2020-01-01 00:00:00', interval '1' week)",
    rows: [["2020-01-01 01:30:00", "2020-02-29 01:00:00", "2020-01-01 00:00:01.5", "2020-01-08 00:00:00"]]
  },
  {
    constructs: ["function TIMESTAMP_ADD", "function TIMESTAMP_SUB", "interval MICROSECOND", "interval SECOND"],
    sql:
      "select timestamp_add(timestamp '2020-01-01 00:00:00', interval 1 day), timestamp_sub(timestamp '2020-01-01 00:00:00', interval 1 microsecond), timestamp_add(timestamp '2020-01-01 00:00:00', interval 10 second)",
    rows: [["2020-01-02 00:00:00", "2019-12-31 23:59:59.999999", "2020-01-01 00:00:10"]]
  },
  {
    constructs: ["function TIME_ADD", "function TIME_SUB"],
    sql: "select time_add(time '23:30:00', interval 45 minute), time_sub(time '00:10:00', interval 1 hour)",
    rows: [["00:15:00", "23:10:00"]]
  },
  {
    constructs: ["function DATE_DIFF"],
    sql:
      "select date_diff(date '2020-01-05', date '2020-01-04', day), date_diff(date '2020-01-05', date '2020-01-04', week), date_diff(date '2020-01-05', date '2020-01-04', week(monday)), date_diff(date '2020-01-06', date '2020-01-05', isoweek), date_diff(date '2020-02-01', date '2020-01-31', month), date_diff(date '2019-12-31', date '2020-01-01', year), date_diff(date '2018-01-01', date '2017-12-31', isoyear), date_diff(date '2017-12-31', date '2017-12-18', week), date_diff(date '2020-04-01', date '2020-03-31', quarter)",
    rows: [[1, 1, 0, 1, 1, -1, 1, 2, 1]]
  },
  {
    constructs: ["function DATETIME_DIFF"],
    sql:
      "select datetime_diff(datetime '2020-01-01 01:00:00', datetime '2020-01-01 00:59:59', hour), datetime_diff(datetime '2020-01-02 00:00:00', datetime '2020-01-01 23:59:59', day), datetime_diff(datetime '2017-10-15 00:00:00', datetime '2017-10-14 00:00:00', week), datetime_diff(datetime '2020-01-01 00:00:01', datetime '2020-01-01 00:00:00.9', second)",
    rows: [[1, 1, 1, 1]]
  },
  {
    constructs: ["function TIMESTAMP_DIFF"],
    sql:
      "select timestamp_diff(timestamp '2020-01-01 01:00:00', timestamp '2020-01-01 00:00:01', hour), timestamp_diff(timestamp '2020-01-01 00:00:00', timestamp '2020-01-02 12:00:00', day), timestamp_diff(timestamp '2020-01-01 00:00:00.5', timestamp '2020-01-01 00:00:00', millisecond), timestamp_diff(timestamp '2020-01-01 00:01:30', timestamp '2020-01-01 00:00:00', minute)",
    rows: [[0, -1, 500, 1]]
  },
  {
    constructs: ["function TIME_DIFF"],
    sql:
      "select time_diff(time '15:30:00', time '14:59:59', hour), time_diff(time '15:30:00', time '15:29:00', second)",
    rows: [[1, 60]]
  },
  {
    constructs: ["function DATE"],
    sql:
      "select date(2020, 2, 29), date(datetime '2020-01-02 03:04:05'), date(timestamp '2020-01-02 03:04:05'), date(timestamp '2020-01-02 03:04:05', 'America/New_York')",
    rows: [["2020-02-29", "2020-01-02", "2020-01-02", "2020-01-01"]]
  },
  {
    constructs: ["function DATETIME"],
    sql:
      "select datetime(2020, 1, 2, 3, 4, 5), datetime(date '2020-01-02', time '03:04:05'), datetime(timestamp '2020-07-01 12:00:00', 'America/New_York'), datetime(date '2020-01-02')",
    rows: [["2020-01-02 03:04:05", "2020-01-02 03:04:05", "2020-07-01 08:00:00", "2020-01-02 00:00:00"]]
  },
  {
    constructs: ["function TIME"],
    sql: "select time(3, 4, 5), time(datetime '2020-01-02 03:04:05'), time(timestamp '2020-01-01 12:00:00', '-08:00')",
    rows: [["03:04:05", "03:04:05", "04:00:00"]]
  },
  {
    constructs: ["function TIMESTAMP"],
    sql:
      "select timestamp('2020-01-02 03:04:05+01'), timestamp(date '2020-01-02'), timestamp(datetime '2020-07-01 08:00:00', 'America/New_York'), timestamp('2020-07-01 08:00:00', 'America/New_York'), timestamp(date '2020-01-02', '+01'), timestamp(dt) from birds where n = 1",
    rows: [[
      "2020-01-02 02:04:05",
      "2020-01-02 00:00:00",
      "2020-07-01 12:00:00",
      "2020-07-01 12:00:00",
      "2020-01-01 23:00:00",
      "2020-01-01 10:00:00"
    ]]
  },
  {
    constructs: [
      "function UNIX_DATE",
      "function DATE_FROM_UNIX_DATE",
      "function UNIX_SECONDS",
      "function UNIX_MILLIS",
      "function UNIX_MICROS"
    ],
    sql:
      "select unix_date(date '1970-01-02'), date_from_unix_date(1), unix_seconds(timestamp '1969-12-31 23:59:59.5'), unix_millis(timestamp '1970-01-01 00:00:01.2345'), unix_micros(timestamp '1970-01-01 00:00:01')",
    rows: [[1, "1970-01-02", -1, 1234, 1000000]]
  },
  {
    constructs: ["function TIMESTAMP_SECONDS", "function TIMESTAMP_MILLIS", "function TIMESTAMP_MICROS"],
    sql: "select timestamp_seconds(1), timestamp_millis(-1), timestamp_micros(1000001)",
    rows: [["1970-01-01 00:00:01", "1969-12-31 23:59:59.999", "1970-01-01 00:00:01.000001"]]
  },
  {
    constructs: ["function LAST_DAY"],
    sql:
      "select last_day(date '2020-02-10'), last_day(date '2020-02-10', year), last_day(date '2020-02-10', quarter), last_day(date '2020-02-10', week), last_day(date '2020-02-10', isoweek), last_day(datetime '2020-04-01 10:00:00')",
    rows: [["2020-02-29", "2020-12-31", "2020-03-31", "2020-02-15", "2020-02-16", "2020-04-30"]]
  },
  {
    constructs: [
      "function CURRENT_DATE",
      "function CURRENT_DATETIME",
      "function CURRENT_TIME",
      "function CURRENT_TIMESTAMP"
    ],
    sql:
      "select current_date(), current_date, current_datetime(), current_time(), current_timestamp(), current_date('America/New_York'), current_datetime('+01:00'), current_time('UTC')",
    rows: [[
      "2020-01-02",
      "2020-01-02",
      "2020-01-02 03:04:05.678",
      "03:04:05.678",
      "2020-01-02 03:04:05.678",
      "2020-01-01",
      "2020-01-02 04:04:05.678",
      "03:04:05.678"
    ]]
  },
  {
    constructs: ["function STRING"],
    sql:
      "select string(timestamp '2020-01-02 03:04:05'), string(date '2020-01-02'), string(datetime '2020-01-02 03:04:05.5'), string(time '03:04:05')",
    rows: [["2020-01-02 03:04:05+00", "2020-01-02", "2020-01-02 03:04:05.500", "03:04:05"]]
  },
  {
    constructs: [
      "function FORMAT_DATE",
      "format %Y",
      "format %m",
      "format %d",
      "format %y",
      "format %B",
      "format %e",
      "format %b",
      "format %A",
      "format %a",
      "format %j",
      "format %F",
      "format %D",
      "format %x",
      "format %Q"
    ],
    sql:
      "select format_date('%Y-%m-%d', d), format_date('%d.%m.%y', d), format_date('%B %e, %Y', d), format_date('%b %d', d), format_date('%A %a', d), format_date('%j', d), format_date('%F', d), format_date('%D', d), format_date('%x', d), format_date('Q%Q', d) from (select date '2020-03-05' as d)",
    rows: [[
      "2020-03-05",
      "05.03.20",
      "March  5, 2020",
      "Mar 05",
      "Thursday Thu",
      "065",
      "2020-03-05",
      "03/05/20",
      "03/05/20",
      "Q1"
    ]]
  },
  {
    constructs: [
      "format %U",
      "format %W",
      "format %V",
      "format %G",
      "format %g",
      "format %u",
      "format %w",
      "format %h",
      "format %C"
    ],
    sql: "select format_date('%U %W %V %G %g %u %w %h %C %%%n%t', date '2021-01-03')",
    rows: [["01 00 53 2020 20 7 0 Jan 20 %\n\t"]]
  },
  {
    constructs: [
      "function FORMAT_DATETIME",
      "format %H",
      "format %M",
      "format %S",
      "format %I",
      "format %p",
      "format %T",
      "format %R",
      "format %X",
      "format %k",
      "format %l",
      "format %P",
      "format %E*S",
      "format %E3S",
      "format %c",
      "format %E4Y"
    ],
    sql:
      "select format_datetime('%H:%M:%S', t), format_datetime('%I:%M %p', t), format_datetime('%T %R %X', t), format_datetime('%k|%l|%P', t), format_datetime('%E*S', t), format_datetime('%E3S', t), format_datetime('%c', t), format_datetime('%E4Y', t) from (select datetime '2020-01-05 15:04:05.678' as t)",
    rows: [[
      "15:04:05",
      "03:04 PM",
      "15:04:05 15:04 15:04:05",
      "15| 3|pm",
      "05.678",
      "05.678",
      "Sun Jan  5 15:04:05 2020",
      "2020"
    ]]
  },
  {
    constructs: ["function FORMAT_TIMESTAMP", "format %Z", "format %z", "function FORMAT_TIME"],
    sql:
      "select format_timestamp('%Y-%m-%d %H:%M:%S', t), format_timestamp('%F %T', t, 'America/New_York'), format_timestamp('%Z %z', t), format_time('%R', time '15:04:05') from (select timestamp '2020-07-01 12:00:00' as t)",
    rows: [["2020-07-01 12:00:00", "2020-07-01 08:00:00", "UTC +0000", "15:04"]]
  },
  {
    constructs: [
      "format %m in reading",
      "format %d in reading",
      "format %y in reading",
      "format %B in reading",
      "format %b in reading",
      "format %e in reading",
      "format %h in reading",
      "format %F in reading",
      "format %x in reading"
    ],
    sql:
      "select parse_date('%Y-%m-%d', '2020-1-2'), parse_date('%m/%d/%y', '01/02/20'), parse_date('%Y%m%d', '20200102'), parse_date('%d %B %Y', ' 2 march 2020 '), parse_date('%b %e, %Y', 'Jan  2, 2020'), parse_date('%h', 'Feb'), parse_date('%F', '2020-01-02'), parse_date('%x', '12/31/69')",
    rows: [[
      "2020-01-02",
      "2020-01-02",
      "2020-01-02",
      "2020-03-02",
      "2020-01-02",
      "1970-02-01",
      "2020-01-02",
      "1969-12-31"
    ]]
  },
  {
    constructs: ["format %D in reading"],
    sql: "select parse_date('%D', '12/31/68')",
    rows: [["2068-12-31"]]
  },
  {
    constructs: [
      "function PARSE_DATETIME",
      "format %H in reading",
      "format %M in reading",
      "format %S in reading",
      "format %I in reading",
      "format %p in reading",
      "format %T in reading",
      "format %R in reading",
      "format %E*S in reading"
    ],
    sql:
      "select parse_datetime('%Y-%m-%d %H:%M:%S', '2020-01-02 03:04:05'), parse_datetime('%F %I:%M %p', '2020-01-02 12:30 AM'), parse_datetime('%F %T', '2020-01-02 23:04:05'), parse_datetime('%F %R', '2020-01-02 3:4'), parse_datetime('%F %E*S', '2020-01-02 5.25')",
    rows: [[
      "2020-01-02 03:04:05",
      "2020-01-02 00:30:00",
      "2020-01-02 23:04:05",
      "2020-01-02 03:04:00",
      "2020-01-02 00:00:05.25"
    ]]
  },
  {
    constructs: [
      "function PARSE_TIMESTAMP",
      "format %z in reading",
      "function PARSE_TIME",
      "format %X in reading",
      "format %l in reading",
      "format %P in reading",
      "format %k in reading"
    ],
    sql:
      "select parse_timestamp('%Y-%m-%dT%H:%M:%S', '2020-01-02T03:04:05'), parse_timestamp('%F %T', '2020-07-01 08:00:00', 'America/New_York'), parse_timestamp('%F %T%z', '2020-01-02 03:04:05+0130'), parse_time('%X', '03:04:05'), parse_time('%l %P', ' 3 pm'), parse_time('%k', '7')",
    rows: [["2020-01-02 03:04:05", "2020-07-01 12:00:00", "2020-01-02 01:34:05", "03:04:05", "15:00:00", "07:00:00"]]
  },
  {
    constructs: [
      "function DATE_DIFF",
      "cast STRING to DATETIME",
      "cast STRING to TIMESTAMP",
      "function TIMESTAMP_DIFF",
      "cast STRING to DATE"
    ],
    sql:
      "select date_diff(datetime '2020-01-02 00:00:00', datetime '2020-01-01 23:00:00', day), date_diff(timestamp '2020-01-02 00:00:00', timestamp '2020-01-01 23:00:00', day), timestamp_diff(datetime '2020-01-01 01:00:00', datetime '2020-01-01 00:59:59', hour), date_diff(date '2020-01-02', datetime '2020-01-01 23:00:00', day)",
    rows: [[1, 0, 1, 1]]
  }
]
